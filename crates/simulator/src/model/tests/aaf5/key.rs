//! Piles with a key of their own.

use voltapile_protocol::aaf5::BodyCipher;
use voltapile_protocol::aaf5::code::EncryptionFlag;
use voltapile_protocol::layout::Direction;

use super::*;
use crate::frames::Exchange;

const KEY: [u8; 32] = [7; 32];

/// What a pile with the key does with a 105 that has such a key, and what it says then.
fn signed_in(key: Option<[u8; 32]>) -> (VirtualPile, Link, Vec<u8>) {
    let setup = PileSetup::dc(PILE, 1).unattended().speaking_aaf5().with_aes_key(AesKey(KEY)).unwrap();
    let mut pile = VirtualPile::new(setup, ModelOptions::default());
    let now = Moment { tick: Tick(1), unix_ms: START_UNIX_MS };
    let mut said = Vec::new();
    pile.connect(now, &mut said);
    let frame = Frame::parse(&said).unwrap();
    let asked = Message::decode(frame.command, frame.body, Dialect::default()).unwrap();
    let Some(Message::SignInResponse(answer)) = super::answer(&frame, &asked) else { panic!("105") };
    let encryption = Some(if key.is_some() { EncryptionFlag::Aes } else { EncryptionFlag::Plain });
    let answer = SignInResponse { encryption, aes_key: Some(Bytes(key.unwrap_or_default())), ..answer };
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    write_message(&mut bytes, Envelope::default(), &answer.into()).unwrap();
    let link = pile.handle_frame(now, &bytes, &mut out);
    let mut exchange = Exchange::of(voltapile_protocol::Protocol::Aaf5);
    let mut read = 0;
    exchange.push(Direction::Up, &said, &mut |_| read += 1);
    exchange.push(Direction::Down, &bytes, &mut |_| read += 1);
    exchange.push(Direction::Up, &out, &mut |frame| {
        let plain = frame.plain();
        let plain = Frame::parse(&plain).unwrap();
        assert!(!plain.is_encrypted() && Frame::parse(frame.raw).unwrap().is_encrypted());
        assert!(Message::decode(plain.command, plain.body, Dialect::default()).is_ok(), "{}", plain.command);
    });
    assert_eq!(read, 2);
    (pile, link, out)
}

#[test]
fn with_the_right_key_all_is_encrypted() {
    let (mut pile, link, out) = signed_in(Some(KEY));
    assert_eq!((link, pile.is_logged_in(), pile.take_key_flaw()), (Link::Keep, true, None));
    let mut commands = Vec::new();
    Framer::new().push(&out, |piece| {
        let Piece::Frame(frame) = piece else { panic!("a frame") };
        assert!(BodyCipher::new(KEY).decrypt(frame.body).is_ok());
        commands.push(frame.command);
    });
    assert!(commands.contains(&102) && commands.contains(&104), "{commands:?}");
}

#[test]
fn with_another_key_or_none_the_pile_leaves_and_says_why() {
    for (key, flaw) in [(Some([8; 32]), KeyFlaw::Another), (None, KeyFlaw::Unused)] {
        let (mut pile, link, out) = signed_in(key);
        assert_eq!((link, pile.is_logged_in(), out.len()), (Link::Close, false, 0));
        assert_eq!((pile.take_key_flaw(), pile.take_key_flaw()), (Some(flaw), None));
    }
}
