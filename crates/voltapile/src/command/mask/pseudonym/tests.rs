//! Names and what they become.

use proptest::prelude::*;

use super::*;

fn pseudonyms() -> Pseudonyms {
    Pseudonyms::new(Key::of("a key"), false)
}

#[test]
fn the_same_becomes_the_same_however_it_was_padded() {
    let mut pseudonyms = pseudonyms();
    let left = pseudonyms.digits(Class::Card, &[0, 0, 0xD1, 0x4B, 0x0A, 0x54]);
    let right = pseudonyms.digits(Class::Card, &[0xD1, 0x4B, 0x0A, 0x54, 0, 0]);
    assert_eq!(left[2..], right[..4]);
    assert_eq!(Pseudonyms::new(Key::of("a key"), false).digits(Class::Card, &[0, 0, 0xD1, 0x4B, 0x0A, 0x54]), left);
    assert_ne!(Pseudonyms::new(Key::of("another"), false).digits(Class::Card, &[0, 0, 0xD1, 0x4B, 0x0A, 0x54]), left);
    assert_eq!((pseudonyms.count(Class::Card), pseudonyms.digits(Class::Card, &[0; 8])), (1, vec![0; 8]));
}

#[test]
fn transaction_numbers_keep_the_masked_pile() {
    let mut pseudonyms = pseudonyms();
    let pile = [0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05];
    let usual = [&pile[..], &[0x01, 0x23, 0x12, 0x13, 0x17, 0x09, 0x36, 0x00, 0x01]].concat();
    let masked = pseudonyms.transaction(&usual, None);
    assert_eq!(masked[..7], pseudonyms.digits(Class::Pile, &pile));
    assert_eq!(masked[7..], usual[7..]);
    let own = [&pile[..], &[0x99; 9]].concat();
    let masked = pseudonyms.transaction(&own, Some(&pile));
    assert_eq!(masked[..7], pseudonyms.digits(Class::Pile, &pile));
    assert_ne!(masked[7..], own[7..]);
    assert_eq!(pseudonyms.transaction(&own, None), masked, "an answer that names no pile tells of the same order");
    let other = [&[0x11; 7][..], &[0x99; 9]].concat();
    assert_ne!(pseudonyms.transaction(&other, None)[..7], pseudonyms.digits(Class::Pile, &[0x11; 7]));
    assert_eq!(pseudonyms.transaction(&[0; 16], None), [0; 16]);
}

#[test]
fn vins_stay_vins_and_the_same_in_every_order() {
    let mut pseudonyms = pseudonyms();
    for vin in [*b"LFPHC7PE0K2A07972", *b"1M8GDM9AXKP042788", *b"LVPTEST10SA000001"] {
        let mut reversed = vin;
        reversed.reverse();
        let natural: [u8; 17] = pseudonyms.vin(&vin, VinOrder::Natural).try_into().unwrap();
        let mut other = pseudonyms.vin(&reversed, VinOrder::Reversed);
        assert_ne!(natural, vin);
        assert_eq!(vin_check_digit_holds(&natural), vin_check_digit_holds(&vin));
        other.reverse();
        assert_eq!(other, natural);
        if vin_check_digit_holds(&vin) {
            // Some piles disobey the declared order: the check digit tells.
            assert_eq!(pseudonyms.vin(&vin, VinOrder::Reversed), natural);
        }
    }
    assert_eq!(pseudonyms.count(Class::Vin), 3);
    assert_eq!(pseudonyms.vin(b"00000000000000000", VinOrder::Natural), b"00000000000000000");
}

#[test]
fn a_session_keeps_its_moment_and_nothing_else() {
    let mut pseudonyms = pseudonyms();
    let moment = [0x26, 0x01, 0x31, 0x08, 0x15, 0x30];
    assert_eq!(pseudonyms.session(&moment), moment);
    let phone = [0x01, 0x38, 0x12, 0x34, 0x56, 0x78];
    assert_ne!(pseudonyms.session(&phone), phone);
    assert_eq!(pseudonyms.session(&[0; 6]), [0; 6]);
}

#[test]
fn a_text_is_the_same_in_a_field_of_any_width() {
    let mut pseudonyms = pseudonyms();
    let short = pseudonyms.text(Class::Other, b"operator7");
    let long = pseudonyms.text(Class::Other, b"operator7\0\0\0 ");
    assert_eq!((&long[..9], &long[9..]), (&short[..], &b"\0\0\0 "[..]));
    assert_eq!(pseudonyms.count(Class::Other), 1);
}

#[test]
fn a_name_ends_at_its_zero_and_a_filler_stays() {
    let mut pseudonyms = pseudonyms();
    let clean = pseudonyms.name(Class::Pile, b"SH-01_a\0\0\0\0\0");
    let sloppy = pseudonyms.name(Class::Pile, b"SH-01_a\0old!");
    assert_eq!(clean, sloppy);
    assert!(clean != b"SH-01_a\0\0\0\0\0" && clean[2] == b'-' && clean[5] == b'_');
    assert_eq!(pseudonyms.name(Class::Card, &[0xFF; 32]), [0xFF; 32]);
    assert_eq!(pseudonyms.name(Class::Card, &[0; 32]), [0; 32]);
    // A card is the same however it was padded, and a vehicle among cards is the vehicle.
    let (short, long) = (pseudonyms.name(Class::Card, b"4711998"), pseudonyms.name(Class::Card, b"0004711998\0"));
    assert_eq!((&long[..3], &long[3..10]), (&b"000"[..], &short[..]));
    let vehicle = pseudonyms.vin(b"1M8GDM9AXKP042788", VinOrder::Natural);
    assert_eq!(pseudonyms.name(Class::Card, b"1M8GDM9AXKP042788\0\0"), [&vehicle[..], &[0; 2]].concat());
    // The same bytes are another name as digits.
    assert_ne!(pseudonyms.digits(Class::Other, b"SH-01_a"), pseudonyms.text(Class::Other, b"SH-01_a"));
}

#[test]
fn orders_as_text_keep_the_masked_pile() {
    let mut pseudonyms = pseudonyms();
    let pile = pseudonyms.name(Class::Pile, b"SH-01");
    let usual = b"SH-01012312131709360001\0\0";
    let masked = pseudonyms.transaction_text(usual, None);
    assert_eq!((&masked[..5], &masked[5..]), (&pile[..], &usual[5..]));
    let own = pseudonyms.transaction_text(b"SH-01-phone13812345678", Some(b"SH-01\0"));
    assert!(own.starts_with(&pile) && !own.ends_with(b"13812345678") && own[5] == b'-');
    assert_eq!(pseudonyms.transaction_text(b"SH-01-phone13812345678", None), own);
    let other = pseudonyms.transaction_text(b"00874581440042012611211356330001", None);
    assert_ne!(other, b"00874581440042012611211356330001");
    assert_eq!(pseudonyms.transaction_text(&[b'0'; 32], None), [b'0'; 32]);
}

#[test]
fn a_number_has_as_many_digits() {
    let mut pseudonyms = pseudonyms();
    for number in [7_u32, 1234, 774_411, u32::MAX] {
        let masked = pseudonyms.number(Class::Other, &number.to_le_bytes());
        assert_eq!(pseudonyms.number(Class::Other, &number.to_le_bytes()), masked);
        let masked = u32::from_le_bytes(masked.try_into().unwrap());
        assert!(number < 1000 || masked != number, "{number}");
        assert!(masked.to_string().len() <= number.to_string().len());
    }
    assert_eq!(pseudonyms.number(Class::Other, &[0; 4]), [0; 4]);
}

proptest! {
    #[test]
    fn digits_stay_digits(raw in prop::collection::vec(any::<u8>(), 1..20)) {
        let masked = pseudonyms().digits(Class::Other, &raw);
        prop_assert_eq!(masked.len(), raw.len());
        for (from, to) in raw.iter().zip(&masked) {
            prop_assert_eq!((from >> 4 > 9, from & 15 > 9), (to >> 4 > 9, to & 15 > 9));
        }
    }

    #[test]
    fn text_keeps_its_form(text in "[ -~]{0,40}") {
        let masked = pseudonyms().text(Class::Other, text.as_bytes());
        for (from, to) in text.bytes().zip(&masked) {
            prop_assert_eq!(from.is_ascii_digit(), to.is_ascii_digit());
            prop_assert_eq!(from.is_ascii_alphabetic(), to.is_ascii_alphabetic());
        }
    }
}
