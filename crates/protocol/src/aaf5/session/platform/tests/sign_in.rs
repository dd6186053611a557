//! Signing in, and what 105 agrees on.

use super::*;
use crate::aaf5::cipher::BodyCipher;
use crate::aaf5::code::{EncryptionFlag, EncryptionSupport, FineEnergy, Service};
use crate::aaf5::frame::ENCRYPTED;
use crate::aaf5::profile::Profile;
use crate::wire::Decimal16;

fn answer_to(platform: &mut Platform, request: SignInRequest) -> SignInResponse {
    let out = platform.receive(Tick(0), &frame(5, request)).unwrap();
    let [answer] = &sent(&out)[..] else { panic!("{out:02X?}") };
    assert_eq!((answer.0, &answer.2[..4]), (5, &[1, 2, 3, 5][..]));
    match decoded(answer) {
        Message::SignInResponse(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sign_in_is_answered_with_all_that_105_can_say() {
    let mut platform = Platform::new();
    for again in [false, true] {
        let answer = answer_to(&mut platform, sign_in(pile()));
        assert_eq!((answer.random, answer.encryption), (Some(0x1234_5678), Some(EncryptionFlag::Plain)));
        assert_eq!((answer.service, answer.platform_time), (Some(Service::Normal), Some(clock())));
        assert_eq!(answer.fine_energy, Some(FineEnergy::Supported));
        assert_eq!(platform.seen.pop().unwrap(), format!("sign in again={again}"));
    }
    platform.answer.suspended = true;
    platform.connection.session().set_profile(Profile::named("aaf5-coarse-records").unwrap());
    let answer = answer_to(&mut platform, sign_in(pile()));
    assert_eq!((answer.service, answer.fine_energy), (Some(Service::Suspended), Some(FineEnergy::NotSupported)));
}

#[test]
fn a_pile_of_the_first_versions_gets_the_short_answer() {
    let mut request = sign_in(pile());
    request.random = None;
    let answer = answer_to(&mut Platform::new(), request);
    assert_eq!(
        answer,
        SignInResponse { reserved1: answer.reserved1, reserved2: answer.reserved2, ..Default::default() }
    );
}

#[test]
fn garbage_behind_a_code_means_nothing() {
    let mut garbled = pile();
    garbled.0[20..].fill(0xA5);
    let mut platform = Platform::new();
    answer_to(&mut platform, sign_in(garbled));
    assert_eq!(platform.connection.session().pile(), Some(pile()));
    assert_eq!(sent(&platform.receive(Tick(1), &frame(0, heartbeat(pile()))).unwrap()).len(), 1);
}

#[test]
fn a_connection_carries_one_pile_with_a_name() {
    let mut platform = Platform::signed_in();
    let bytes = [frame(0, sign_in(code("AAF5-0002"))), frame(1, heartbeat(pile()))].concat();
    let commands: Vec<u16> = sent(&platform.receive(Tick(0), &bytes).unwrap()).iter().map(|frame| frame.1).collect();
    assert_eq!(commands, [101]);
    let other = SignInError::OtherPile.to_string();
    assert_eq!(platform.seen, ["sign in again=false", other.as_str(), "heartbeat"]);

    let mut platform = Platform::new();
    assert_eq!(sent(&platform.receive(Tick(0), &frame(0, sign_in(PileCode::default()))).unwrap()), []);
    assert_eq!(platform.seen.pop().unwrap(), SignInError::NoCode.to_string());
}

#[test]
fn a_clock_that_is_off_is_set_at_once_and_any_other_every_day() {
    for (request_time, is_off) in [(clock(), false), (BcdTime::default(), true), (BcdTime([0x20; 8]), true)] {
        let mut platform = Platform::new();
        let mut request = sign_in(pile());
        request.pile_time = request_time;
        platform.receive(Tick(0), &frame(0, request)).unwrap();
        let expected: &[_] = if is_off { &[DeadlineEvent::ClockSync(pile())] } else { &[] };
        assert_eq!(platform.due(Tick(0)).0, expected);
        let day = seconds(24 * 60 * 60);
        platform.receive(day, &frame(1, heartbeat(pile()))).unwrap();
        assert_eq!(platform.due(day).0, [DeadlineEvent::ClockSync(pile())]);
    }
}

#[test]
fn what_follows_an_agreed_key_is_encrypted() {
    let key = [7; 32];
    let cipher = BodyCipher::new(key);
    let mut platform = Platform::new();
    platform.answer.key = Some(key);
    let plain = answer_to(&mut platform, sign_in(pile()));
    assert_eq!((plain.encryption, plain.aes_key.unwrap().0), (Some(EncryptionFlag::Plain), [0; 32]), "it can't");
    assert!(!platform.connection.session().is_encrypted());

    let mut platform = Platform::new();
    platform.answer.key = Some(key);
    let version = |raw| Some(Decimal16::from_raw(raw));
    let able = SignInRequest { encryption_support: EncryptionSupport::Aes, ..sign_in(pile()) };
    // The flag means something else to the first versions, and up to V4.8 no key comes with 105.
    for old in [
        SignInRequest { random: None, ..able.clone() },
        able.clone(),
        SignInRequest { protocol_version: version(48), ..able.clone() },
    ] {
        let mut platform = Platform::new();
        platform.answer.key = Some(key);
        assert_ne!(answer_to(&mut platform, old).encryption, Some(EncryptionFlag::Aes));
        assert!(!platform.connection.session().is_encrypted());
    }
    let able = SignInRequest { protocol_version: version(49), ..able };
    let answer = answer_to(&mut platform, able.clone());
    assert_eq!((answer.encryption, answer.aes_key.unwrap().0), (Some(EncryptionFlag::Aes), key));
    assert!(platform.connection.session().is_encrypted());
    let shown = format!("{:?} {:?}", platform.connection, platform.answer);
    assert!(!shown.contains("7, 7"), "{shown}");

    let mut body = Vec::new();
    heartbeat(pile()).write(&mut Writer::new(&mut body));
    let mut bytes = Vec::new();
    let envelope = Envelope { info: 0x02 | ENCRYPTED, sequence: 3 };
    write_frame(&mut bytes, envelope, 102, |writer| writer.put(&cipher.encrypt(&body))).unwrap();
    let out = platform.receive(Tick(1), &bytes).unwrap();
    let frame_out = Frame::parse(&out).unwrap();
    assert_eq!((frame_out.info, frame_out.command), (0x82, 101));
    assert_eq!(cipher.decrypt(frame_out.body).unwrap().len(), 6);

    // A request is encrypted from then on; a plain sign-in is answered in plain, with the key that was agreed on.
    let mut out = Vec::new();
    let session = platform.connection.session();
    session.request(Tick(1), &TariffQuery::default().into(), Duration::from_secs(5), 1, &mut out).unwrap();
    assert_eq!(cipher.decrypt(Frame::parse(&out).unwrap().body), Ok(Vec::new()));
    platform.answer.key = Some([8; 32]);
    assert_eq!(answer_to(&mut platform, able).aes_key.unwrap().0, key);
}
