//! Bodies in AES, for piles that have a key and say that they can.

use voltapile_protocol::aaf5::BodyCipher;
use voltapile_protocol::aaf5::code::{EncryptionFlag, EncryptionSupport, WorkState};
use voltapile_protocol::aaf5::message::SignInRequest;

use super::{PILE, Pile, register, shown};
use crate::support::{Setup, eventually};

#[test]
fn a_pile_that_can_encrypts_from_the_sign_in_on() {
    let key = "07".repeat(32);
    let server = Setup::new().set("ENCRYPTION_AES_KEYS", format!("{PILE}:{key}")).start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    let answer = pile.sign_in_with(SignInRequest { encryption_support: EncryptionSupport::Aes, ..request });
    assert_eq!(answer.encryption, Some(EncryptionFlag::Aes));
    let key = answer.aes_key.unwrap().0;
    assert_eq!(key, [7; 32]);
    pile.cipher = Some(BodyCipher::new(key));
    pile.beat();
    pile.report(WorkState::Charging, "");
    eventually("it charges", || (shown(&server)["connectors"][0]["state"] == "charging").then_some(()));
}

#[test]
fn a_pile_that_cannot_or_has_no_key_stays_plain() {
    let server = Setup::new().set("ENCRYPTION_AES_KEYS", format!("OTHER:{}", "07".repeat(32))).start();
    register(&server, PILE);
    register(&server, "OTHER");
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    let answer = pile.sign_in_with(SignInRequest { encryption_support: EncryptionSupport::Aes, ..request });
    assert_eq!(answer.encryption, Some(EncryptionFlag::Plain));
    pile.beat();
    let mut other = Pile::dial(server.piles, "OTHER");
    assert_eq!(other.sign_in().encryption, Some(EncryptionFlag::Plain));
    other.beat();
}
