//! Versions, and habits of firmware.

use super::*;
use crate::aaf5::code::EncryptionFlag;

/// Body lengths of what a pile of a version sends after its sign-in and one record.
fn lengths(version: Version) -> Vec<(u16, usize)> {
    let mut world = World::new(|config| {
        config.version = version;
        config.connector_count = 1;
    });
    world.connect();
    world.sign_in();
    let mut out = Vec::new();
    world.session.send_record(world.now, record("SN1"), &mut out).unwrap();
    world.session.send(&StartResponse { pile_code: pile(), ..Default::default() }.into(), &mut out).unwrap();
    world.collect(&out);
    world.sent.iter().map(|(message, _, length)| (message.frame_type(), *length)).collect()
}

#[test]
fn bodies_are_as_long_as_their_version_has_them() {
    assert_eq!(lengths(Version::V26), [(106, 96), (102, 38), (104, 169), (202, 288), (8, 41)]);
    assert_eq!(lengths(Version::V34), [(106, 100), (102, 38), (104, 172), (202, 288), (8, 73)]);
    assert_eq!(lengths(Version::V47), [(106, 133), (102, 54), (104, 239), (222, 390), (8, 73)]);
    assert_eq!(lengths(Version::V49), [(106, 133), (102, 54), (104, 240), (222, 391), (8, 73)]);
    assert_eq!(lengths(Version::V52), [(106, 133), (102, 54), (104, 240), (222, 434), (8, 73)]);
}

#[test]
fn the_platform_and_the_firmware_choose_the_command_of_a_record() {
    for (record_command, offered, expected) in [
        (RecordCommand::AsOffered, FineEnergy::Supported, 222),
        (RecordCommand::AsOffered, FineEnergy::NotSupported, 202),
        (RecordCommand::Coarse, FineEnergy::Supported, 202),
        (RecordCommand::Fine, FineEnergy::NotSupported, 222),
    ] {
        let mut world = World::new(|config| config.quirks.record_command = record_command);
        world.connect();
        world.receive(0, SignInResponse { fine_energy: Some(offered), ..signed_in() });
        world.take();
        let mut out = Vec::new();
        world.session.send_record(world.now, record("SN1"), &mut out).unwrap();
        world.collect(&out);
        let sent = world.take();
        assert_eq!(sent[0].frame_type(), expected);
        assert_eq!(record_of(&sent[0]).unwrap().total_energy.raw(), 12_345, "both know the third decimal");
    }
}

#[test]
fn old_firmware_counts_nothing_and_repeats_what_it_was_told() {
    let mut world = World::working(|config| {
        config.quirks.constant_sequence = Some((0x41, 0x00));
        config.quirks.repeats_reserved = true;
        config.quirks.connector_zero = true;
        config.connector_count = 1;
    });
    let start = StartRequest { connector_number: ConnectorNumber(1), ..Default::default() };
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Envelope::default(), 7, |writer| {
        let mut body = Vec::new();
        start.write(&mut Writer::new(&mut body));
        body[..4].copy_from_slice(&[9, 8, 7, 6]);
        writer.put(&body);
    })
    .unwrap();
    world.receive_bytes(&bytes);
    let mut out = Vec::new();
    let answer = StartResponse { pile_code: pile(), connector_number: ConnectorNumber(1), ..Default::default() };
    world.session.send(&answer.into(), &mut out).unwrap();
    world.session.send_record(world.now, record("SN1"), &mut out).unwrap();
    let mut frames = Vec::new();
    Framer::new().push(&out, |piece| {
        let Piece::Frame(frame) = piece else { panic!() };
        frames.push((
            frame.command,
            frame.sequence,
            frame.body[..4].to_vec(),
            frame.body[if frame.command == 8 { 36 } else { 37 }],
        ));
    });
    assert_eq!(frames, [(8, 0x00, vec![9, 8, 7, 6], 0), (222, 0x41, vec![9, 8, 7, 6], 0)]);
}

#[test]
fn a_pile_may_be_silent_on_time_of_use_tariffs() {
    let mut periods = <[TimeOfUsePeriod; 12]>::default();
    periods[0].end_hour = 24;
    let set = TimeOfUseTariffSetRequest { periods, ..Default::default() };
    for (version, silent, expected) in
        [(Version::V52, false, 1), (Version::V52, true, 0), (Version::V47, false, 0), (Version::V49, false, 1)]
    {
        let mut world = World::working(|config| {
            config.version = version;
            config.quirks.silent_on_time_of_use = silent;
        });
        assert!(matches!(world.receive(0, set.clone()), Some(PileEvent::TariffChanged(_))));
        assert_eq!(world.take_commands().len(), expected);
    }
}

#[test]
fn firmware_may_look_at_nothing_of_a_confirmation_and_answer_answers() {
    let mut world = World::working(|config| {
        config.quirks.confirms_blindly = true;
        config.quirks.status_for_each_answer = true;
    });
    for number in ["SN1", "SN2"] {
        world.session.send_record(world.now, record(number), &mut Vec::new()).unwrap();
    }
    let word = RecordConfirm { record_index: Some(77), ..Default::default() };
    let number = |text: &str| Text::new(text).unwrap();
    let confirmed = PileEvent::RecordConfirmed { record_index: 1, transaction_number: number("SN1") };
    assert_eq!(world.receive(0, word), Some(confirmed));
    world.take();
    world.receive(0, StatusResponse { connector_number: ConnectorNumber(1), ..Default::default() });
    assert_eq!(world.take_commands(), [104]);
}

#[test]
fn a_confirmation_of_the_first_versions_is_known_by_connector_and_card() {
    let mut world = World::working(|_| {});
    let card_number = Text::new("0000000000000001").unwrap();
    world.session.send_record(world.now, FineChargeRecord { card_number, ..record("SN1") }, &mut Vec::new()).unwrap();
    let word =
        |connector| RecordConfirm { connector_number: ConnectorNumber(connector), card_number, ..Default::default() };
    assert_eq!(world.receive(0, word(2)), None);
    assert!(matches!(world.receive(0, word(1)), Some(PileEvent::RecordConfirmed { .. })));
}

#[test]
fn a_pile_that_cannot_encrypt_goes_on_in_plain() {
    let mut world = World::new(|_| {});
    world.connect();
    world.receive(0, SignInResponse { encryption: Some(EncryptionFlag::Aes), ..signed_in() });
    assert_eq!(world.take_commands(), [106, 102, 104, 104]);
}
