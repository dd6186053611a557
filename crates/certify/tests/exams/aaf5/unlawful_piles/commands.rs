//! What the platform asks for: parameters, clock, tariff, white list, reboot.

use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction::Up;
use voltapile_protocol::wire::*;

use crate::aaf5::tale::*;

/// What was to be passed over is answered: by the next frame, with its number and of that command.
fn answered_by(command: u16) -> Twist {
    otherwise(move |tale| {
        let strange = tale.shown[0];
        let (sequence, model) = (tale.raw(strange)[5], tale.all(2)[0]);
        let (mut answer, next) = (tale.raw(model), tale.next(strange, Up));
        answer[5] = sequence;
        answer[6..8].copy_from_slice(&command.to_le_bytes());
        sealed(&mut answer);
        tale.edit(next, |raw| raw.clone_from(&answer));
        tale.entries[next].at = tale.entries[strange].at;
    })
}

pub(super) fn of_commands() -> Vec<(&'static str, Twist)> {
    let other_body = || {
        last_bytes(|raw| {
            raw[12] ^= 1;
            sealed(raw);
        })
    };
    vec![
        ("parameters.values", reworded(of!(IntegerParameterResponse, said => said.count = 3))),
        (
            "parameters.kept",
            reworded(of!(IntegerParameterResponse, said => said.values = vec![IntegerValue { value: 99 }])),
        ),
        ("parameters.unknown", reworded(of!(IntegerParameterResponse, said => said.result = Outcome::Succeeded))),
        ("clock.set", reworded(of!(TextParameterResponse, said => said.result = Outcome::Failed))),
        (
            "clock.obeyed",
            reworded(of!(TextParameterResponse, said => {
                let wrong = [0x20, 0x01, 0x01, 0x01, 0, 0, 0, 0xFF];
                said.value = BytesToEnd(wrong.as_slice().into());
            })),
        ),
        ("tariff.set", reworded(of!(TariffSetResponse, said => said.result = Outcome::Failed))),
        ("tariff.gap_refused", reworded(of!(TariffSetResponse, said => said.result = Outcome::Succeeded))),
        ("tariff.kept", other_body()),
        ("tariff.time_of_use", reworded(of!(TimeOfUseTariffSetResponse, said => said.result = Outcome::Failed))),
        ("tariff.time_of_use_kept", other_body()),
        ("whitelist.answered", reworded(of!(WhiteListResponse, said => said.result = Outcome::Failed))),
        ("whitelist.kept", reworded(of!(WhiteListResponse, said => said.version = 1))),
        ("reboot.answered", reworded(of!(ControlResponse, said => said.result = Outcome::Failed))),
        ("robust.bad_checksum", answered_by(2)),
        ("robust.unknown", answered_by(7_778)),
    ]
}
