//! Requests that want an answer, and the answers they get: what several topics have in common.

use crate::case::{Case, both, seconds};
use crate::ykc::pile::tolerance::ANSWER;
use crate::ykc::pile::view::View;

/// Every request of a type is answered in time, where the connection lived long enough.
pub(super) fn answered(view: &View<'_>, request_type: u8, case: &mut Case) {
    for request in view.down().filter(|seen| seen.frame_type == request_type) {
        match view.answer(request) {
            Some(answer) => case.took(answer.at.since(request.at), ANSWER, &[request.id, answer.id]),
            None if view.lived(request.connection, request.at, ANSWER.bearable) => {
                let bound = seconds(ANSWER.bearable);
                case.broken(
                    &[request.id],
                    both!(
                        "0x{request_type:02X} 在 {bound} 秒内没有应答",
                        "no answer to 0x{request_type:02X} within {bound} s"
                    ),
                );
            }
            None => {}
        }
    }
}
