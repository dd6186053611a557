//! Wire formats one by one: any bytes survive reading and writing, and mean what the specification says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

use proptest::prelude::*;
use voltapile_protocol::aaf5::code as aaf5;
use voltapile_protocol::wire::*;
use voltapile_protocol::ykc::code::*;
use voltapile_protocol::ykc::field::*;

/// Reads one field from the front of `bytes` and writes it again.
fn reread<T: Field>(bytes: &[u8]) -> Result<(T, Vec<u8>), Short> {
    let value = T::read(&mut Reader::new(bytes))?;
    let mut out = Vec::new();
    value.write(&mut Writer::new(&mut out));
    Ok((value, out))
}

/// Any bytes of a fixed width are kept, fewer are refused with the right numbers, and reading stops at the width.
fn assert_fixed<T: Field>(bytes: &[u8]) {
    let name = std::any::type_name::<T>();
    assert_eq!(T::BITS % 8, 0, "{name}");
    let width = T::BITS / 8;
    let (own, behind) = bytes.split_at(width);
    let (value, written) = reread::<T>(bytes).unwrap();
    assert_eq!(written, own, "{name}");
    assert_eq!(reread::<T>(own), Ok((value, own.to_vec())), "{name}");

    let mut reader = Reader::new(bytes);
    T::read(&mut reader).unwrap();
    assert_eq!(reader.take_rest(), behind, "{name}");
    for available in 0..width {
        let short = T::read(&mut Reader::new(&bytes[..available])).unwrap_err();
        assert_eq!(short, Short { needed: width, available }, "{name}");
        assert_eq!(<Option<T>>::read(&mut Reader::new(&bytes[..available])), Ok(None), "{name}");
    }
    assert_eq!(reread::<Option<T>>(bytes).unwrap().1, own, "{name}");
}

/// The value is the number on the wire, low byte first, scaled and shifted without rounding.
fn assert_quantity<T: Quantity>(bytes: &[u8]) {
    let name = std::any::type_name::<T>();
    assert_fixed::<T>(bytes);
    let value = T::read(&mut Reader::new(bytes)).unwrap();
    let number = bytes[..T::BITS / 8].iter().rev().fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
    assert_eq!(value.raw(), number, "{name}");
    let scaled = i128::from(number) + i128::from(T::OFFSET) * 10_i128.pow(u32::from(T::DECIMALS));
    assert_eq!(i128::from(value.scaled()), scaled, "{name}");
    let Kind::Number { decimals, offset, .. } = T::KIND else { panic!("{name} is described as {:?}", T::KIND) };
    assert_eq!((decimals, offset), (T::DECIMALS, T::OFFSET), "{name}");
}

/// Every byte is a code that gives the same byte; documented ones have their entry, others none.
fn assert_code<T: Code<Number = u8> + Field>() {
    for number in 0..=u8::MAX {
        let code = T::from_number(number);
        assert_eq!(code.number(), number, "{code:?}");
        assert_eq!(code.entry(), T::TABLE.find(u32::from(number)), "{code:?}");
        assert_eq!(reread::<T>(&[number]), Ok((code, vec![number])));
    }
    assert_eq!(T::default().number(), 0);
}

macro_rules! all {
    ($check:ident $arguments:tt: $($type:ty),* $(,)?) => {$($check::<$type> $arguments;)*};
}

proptest! {
    #[test]
    fn fixed_fields_keep_any_bytes(bytes in prop::collection::vec(any::<u8>(), 64)) {
        all!(assert_fixed(&bytes): u8, u16, u32);
        all!(assert_fixed(&bytes): PileCode, TransactionNumber, LogicalCardNumber, TariffId, ParallelSessionNumber);
        all!(assert_fixed(&bytes): Iccid, MeterNumber, PhysicalCardNumber, ConnectorNumber, ConnectorNumber<true>);
        all!(assert_fixed(&bytes): TariffSlots, HardwareFaults, Cp56Time, Vin<0>, Vin<1>, Vin<2>);
        all!(assert_fixed(&bytes): Ascii<1>, Ascii<4>, Ascii<8>, Ascii<16>, Ascii<32>, Bytes<3>, Bytes<8>, Bytes<32>);
        all!(assert_fixed(&bytes): Reserved<1>, Reserved<4>, Text<1>, Text<4>, Text<32>, BcdTime, Connectors<16>);
        all!(assert_fixed(&bytes): i32, SignedAmps<1>, List<KilowattHours16<2>, 24>, List<KilowattHours<3>, 16>);
        all!(assert_fixed(&bytes): aaf5::StopReason, aaf5::StartStrategy, aaf5::SoftwareUnit);
    }

    #[test]
    fn quantities_are_exact(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(0xFF)], 16)) {
        all!(assert_quantity(&bytes): Volts<1>, CellVolts<2>, Amps<1>, Amps<1, -400>, Celsius<-50>, Percent);
        all!(assert_quantity(&bytes): Percent16<1>, PowerPercent, Kilowatts<0>, Kilowatts<1>, MinutesByte, Minutes);
        all!(assert_quantity(&bytes): KilowattHours<4>, KilowattHours16<1>, MeterReading<4>, Yuan<2>, Yuan<4>);
        all!(assert_quantity(&bytes): YuanPerKwh<5>, AmpHours<1>, Ordinal<1985>, Ordinal<1>, Count, Wide<1>);
        all!(assert_quantity(&bytes): Volts32<1>, CellVolts32<2>, Amps32<1>, AmpHours32<1>, Kilowatts32<1>, Minutes32);
        all!(assert_quantity(&bytes): Seconds, SecondsByte, KilowattHours8<3>, YuanPerKwh16<2>, Decimal16<1>, Decimal32<2>);
    }

    #[test]
    fn numbers_wider_than_their_field_are_cut(raw in any::<u64>()) {
        prop_assert_eq!(MeterReading::<4>::from_raw(raw).raw(), raw % (1 << 40));
        prop_assert_eq!(Count::from_raw(raw as u32).raw(), raw % (1 << 24));
        prop_assert_eq!(Yuan::<2>::from_raw(raw as u32).raw(), raw % (1 << 32));
        prop_assert_eq!(Percent::from_raw(raw as u8).raw(), raw % 256);
    }

    /// Widths chosen so that fields lie across byte boundaries.
    #[test]
    fn packed_bits_keep_any_bytes(bytes in any::<[u8; 5]>()) {
        let number = bytes.iter().rev().fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
        let mut reader = Reader::new(&bytes);
        let flag: Bits<2, AbortFlag> = Field::read(&mut reader).unwrap();
        let wide: BitsNumber<12, 2> = Field::read(&mut reader).unwrap();
        let reserved: ReservedBits<6> = Field::read(&mut reader).unwrap();
        prop_assert_eq!(reader.remaining(), 2, "a partly taken byte does not count");
        let group: BitsNumber<4> = Field::read(&mut reader).unwrap();
        let widest: BitsNumber<16> = Field::read(&mut reader).unwrap();
        prop_assert_eq!(reader.remaining(), 0);
        prop_assert_eq!(u64::from(flag.0.number()), number & 0x3);
        prop_assert_eq!(u64::from(wide.0), number >> 2 & 0xFFF);
        prop_assert_eq!(u64::from(reserved.0), number >> 14 & 0x3F);
        prop_assert_eq!(u64::from(group.0), number >> 20 & 0xF);
        prop_assert_eq!(u64::from(widest.0), number >> 24);

        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        flag.write(&mut writer);
        wide.write(&mut writer);
        reserved.write(&mut writer);
        group.write(&mut writer);
        widest.write(&mut writer);
        prop_assert_eq!(out, bytes);
    }

    #[test]
    fn counted_text_keeps_any_bytes(bytes in prop::collection::vec(any::<u8>(), 1..=251)) {
        let (value, written) = reread::<CountedText>(&bytes).unwrap();
        prop_assert_eq!(value.length, bytes[0]);
        prop_assert_eq!(value.text.len(), usize::from(bytes[0]).min(bytes.len() - 1));
        prop_assert_eq!(&written[..], &bytes[..=value.text.len()]);
    }

    #[test]
    fn fields_to_the_end_keep_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..=251)) {
        prop_assert_eq!(&reread::<TextToEnd>(&bytes).unwrap().1, &bytes);
        let (sim, written) = reread::<SimDigits>(&bytes).unwrap();
        prop_assert_eq!(written, bytes);
        prop_assert!(sim.digits().chars().all(|digit| digit.is_ascii_hexdigit()));
    }

    #[test]
    fn digits_are_read_as_they_are_written(bytes in any::<[u8; 7]>()) {
        let text = PileCode(bytes).to_string();
        prop_assert_eq!(&text, &digits(&bytes));
        prop_assert_eq!(text.len(), 14);
        prop_assert_eq!(text.parse(), Ok(PileCode(bytes)));
        prop_assert_eq!(text.to_uppercase().parse(), Ok(PileCode(bytes)));
        prop_assert_eq!(is_decimal(&bytes), text.bytes().all(|digit| digit.is_ascii_digit()));
    }

    #[test]
    fn short_numbers_are_padded_on_the_left(text in "[0-9]{1,14}") {
        let code: PileCode = text.parse().unwrap();
        prop_assert_eq!(code.to_string(), format!("{text:0>14}"));
    }

    #[test]
    fn other_text_is_no_number(text in "\\PC{0,20}") {
        let fits = (1..=14).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        prop_assert_eq!(text.parse::<PileCode>().is_ok(), fits);
    }

    #[test]
    fn wall_clock_times_are_kept(
        year in 2000..=2127_u16, month in 1..=12_u8, day in 1..=28_u8, hour in 0..24_u8, minute in 0..60_u8,
        millisecond in 0..60_000_u16, weekday in 0..8_u8,
    ) {
        let civil = CivilTime { year, month, day, hour, minute, millisecond };
        let mut time = Cp56Time::new(civil);
        prop_assert_eq!(time.civil(), Some(civil));
        time.0[4] |= weekday << 5; // piles set the weekday, rightly or not
        prop_assert_eq!(time.civil(), Some(civil));
    }

    #[test]
    fn any_seven_bytes_are_a_possible_time_or_none(bytes in any::<[u8; 7]>(), sane in any::<bool>()) {
        let bytes = if sane { [bytes[0], bytes[1] % 234, bytes[2] % 60, bytes[3] % 24, bytes[4] % 32, bytes[5] % 13, bytes[6]] } else { bytes };
        if let Some(civil) = Cp56Time(bytes).civil() {
            let CivilTime { year, month, day, hour, minute, millisecond } = civil;
            prop_assert!((2000..=2127).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day));
            prop_assert!(hour < 24 && minute < 60 && millisecond < 60_000);
            let [low, high, minute, hour, day, month, year] = bytes;
            let meaningful = [low, high, minute & 0x3F, hour & 0x1F, day & 0x1F, month & 0x0F, year & 0x7F];
            prop_assert_eq!(Cp56Time::new(civil).0, meaningful);
        }
    }

    #[test]
    fn a_vin_is_read_in_the_direction_whose_check_digit_holds(letters in "[A-HJ-NPR-Z0-9]{17}") {
        let natural = with_check_digit(&letters);
        let mut reversed = natural;
        reversed.reverse();
        let expected = Some(String::from_utf8(natural.to_vec()).unwrap());
        prop_assert!(vin_check_digit_holds(&natural));
        let ambiguous = vin_check_digit_holds(&reversed);
        prop_assert_eq!(&Vin::<0>(natural).natural(), &expected);
        prop_assert_eq!(&Vin::<1>(reversed).natural(), &expected);
        prop_assert_eq!(&Vin::<2>(natural).natural(), &expected);
        if !ambiguous {
            prop_assert_eq!(&Vin::<0>(reversed).natural(), &expected, "sent reversed against the specification");
            prop_assert_eq!(&Vin::<1>(natural).natural(), &expected, "sent natural against the specification");
            prop_assert_eq!(&Vin::<2>(reversed).natural(), &expected);
        }
    }

    #[test]
    fn without_a_check_digit_the_declared_direction_is_believed(letters in "[A-Z0-9]{17}") {
        let bytes: [u8; 17] = letters.as_bytes().try_into().unwrap();
        let mut reversed = bytes;
        reversed.reverse();
        let neither = !vin_check_digit_holds(&bytes) && !vin_check_digit_holds(&reversed);
        prop_assume!(neither && bytes.iter().any(|byte| *byte != b'0'));
        prop_assert_eq!(Vin::<0>(bytes).natural(), Some(letters.clone()));
        prop_assert_eq!(Vin::<1>(reversed).natural(), Some(letters.clone()));
        prop_assert_eq!(Vin::<2>(bytes).natural(), Some(letters));
    }

    #[test]
    fn any_seventeen_bytes_are_a_vin_or_none(bytes in any::<[u8; 17]>()) {
        for vin in [Vin::<0>(bytes).natural(), Vin::<1>(bytes).natural(), Vin::<2>(bytes).natural()].into_iter().flatten() {
            prop_assert!((1..=17).contains(&vin.chars().count()), "{:?}", vin);
        }
    }

    #[test]
    fn ascii_is_padded_and_refuses_what_does_not_fit(text in "[ -~]{0,10}", other in "\\PC{1,3}") {
        prop_assume!(!other.is_ascii());
        match Ascii::<8>::new(&text) {
            Ok(field) => prop_assert_eq!(field.text(), text.trim_end()),
            Err(refused) => prop_assert!(refused.len() > 8),
        }
        prop_assert_eq!(Ascii::<16>::new(&other), Err(other));
    }

    #[test]
    fn sim_digits_are_read_from_ascii_or_bcd(iccid in "89[0-9]{18}", padding in 0..4_usize) {
        let ascii = [iccid.as_bytes(), &vec![0; padding]].concat();
        prop_assert_eq!(sim_digits(&ascii), iccid.clone());
        let bcd: [u8; 10] = parse_digits(&iccid).unwrap();
        prop_assert_eq!(sim_digits(&bcd), iccid);
    }
}

/// Puts the right check digit into the ninth place (ISO 3779, written apart from the crate).
fn with_check_digit(letters: &str) -> [u8; 17] {
    let value = |letter| "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ".find(letter).unwrap() % 10;
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: usize = letters.chars().zip(weights).map(|(letter, weight)| value(letter) * weight).sum();
    let mut bytes: [u8; 17] = letters.as_bytes().try_into().unwrap();
    bytes[8] = b"0123456789X"[sum % 11];
    bytes
}

#[test]
fn codes_keep_any_byte() {
    all!(assert_code(): AbortFlag, BatteryOwnership, BatteryType, ChargeMode, ChargingAllowed, LevelState, LimitState);
    all!(assert_code(): TimeoutState, BalanceUpdateResult, CardClearFailure, CardPresence, CardSyncFailure);
    all!(assert_code(): MainAuxiliary, PasswordNeeded, RelayFlag, RemoteStartFailure, RemoteStopFailure, StartMethod);
    all!(assert_code(): StartRefusal, StartSource, Carrier, ConnectorHealth, LoginResult, NetworkType, PileType);
    all!(assert_code(): ExecuteMode, PileModel, UpdateResult, ConfirmResult, QrFormat, QrPrefixResult, Symbology, Tier);
    all!(assert_code(): VerifyResult, WorkPermission, StopReason, ConnectorState, Homed, LockAlarm, LockCommand);
    all!(assert_code(): LockState, Outcome, ParkingState, Plugged);
}

#[test]
fn a_published_time_reads_as_its_caption_says() {
    let time = Cp56Time([0x30, 0x75, 0x0F, 0x11, 0x12, 0x0C, 0x18]);
    assert_eq!(time.civil().unwrap().to_string(), "2024-12-18T17:15:30.000");
}

#[test]
fn days_that_no_calendar_has_are_no_times() {
    let at = |year: u8, month, day| Cp56Time([0, 0, 0, 0, day, month, year]).civil().is_some();
    assert!(at(24, 2, 29) && at(0, 2, 29) && at(23, 2, 28) && at(23, 12, 31) && at(23, 4, 30));
    assert!(!at(23, 2, 29) && !at(100, 2, 29) && !at(23, 4, 31) && !at(23, 0, 1) && !at(23, 13, 1) && !at(23, 1, 0));
    assert_eq!(Cp56Time::default().civil(), None, "all zero says unknown");
    let clock = |hour, minute, millisecond: u16| {
        let [low, high] = millisecond.to_le_bytes();
        Cp56Time([low, high, minute, hour, 1, 1, 1]).civil().is_some()
    };
    assert!(clock(23, 59, 59_999) && !clock(24, 0, 0) && !clock(0, 60, 0) && !clock(0, 0, 60_000));
}

#[test]
fn connector_numbers_are_decimal_digits_where_they_can_be() {
    for number in 0..=99 {
        assert_eq!(ConnectorNumber::bcd(number).number(), number);
    }
    for byte in 0..=u8::MAX {
        assert_eq!(ConnectorNumber::<true>(byte).number(), byte);
        let decimal = format!("{byte:02x}").parse().unwrap_or(byte);
        assert_eq!(ConnectorNumber::<false>(byte).number(), decimal);
    }
}

#[test]
fn fillers_are_no_vin_and_padding_is_no_part_of_one() {
    for filler in [0x00, b'0', 0xFF, b' '] {
        assert_eq!(Vin::<0>([filler; 17]).natural(), None);
        assert_eq!(Vin::<1>([filler; 17]).natural(), None);
    }
    let mut short = [0; 17];
    short[..7].copy_from_slice(b"L6T7824");
    assert_eq!(Vin::<0>(short).natural().as_deref(), Some("L6T7824"));
    let mut backward = short;
    backward.reverse();
    assert_eq!(Vin::<1>(backward).natural().as_deref(), Some("L6T7824"));
    short[..7].reverse();
    assert_eq!(Vin::<1>(short).natural().as_deref(), Some("L6T7824"), "reversed, then padded");
}

#[test]
fn known_vins_have_their_check_digit() {
    for (vin, holds) in [(b"1M8GDM9AXKP042788", true), (b"1M8GDM9A1KP042788", false), (b"11111111111111111", true)] {
        assert_eq!(vin_check_digit_holds(vin), holds);
    }
    assert!(!vin_check_digit_holds(b"1M8GDM9AXKP04278O"), "no VIN holds an O");
}

#[test]
fn fault_bits_follow_the_base_of_their_numbering() {
    let names =
        |raw: u16, base| HARDWARE_FAULTS.holding(&raw.to_le_bytes(), base).map(|flag| flag.bit).collect::<Vec<_>>();
    assert_eq!(names(0x0002, 0), [1]);
    assert_eq!(names(0x0001, 1), [1]);
    assert_eq!(names(0x2002, 0), [1, 13]);
    assert_eq!(names(0x0001, 0), [0_u8; 0]);
    assert_eq!(names(0xFFFF, 0).len(), 13);
    assert_eq!(names(0xFFFF, 1).len(), 13);
}

#[test]
fn text_that_is_too_long_for_its_count_is_cut() {
    let text = CountedText::new(&"x".repeat(300));
    assert_eq!((text.length, text.text.len()), (255, 255));
    assert_eq!(CountedText::new("abc"), CountedText { length: 3, text: b"abc"[..].into() });
}

#[test]
fn wide_codes_keep_their_number() {
    for number in [0, 311, 101_016, 4_242, u32::MAX] {
        let (code, written) = reread::<aaf5::StopReason>(&number.to_le_bytes()).unwrap();
        assert_eq!((code.number(), written), (number, number.to_le_bytes().to_vec()));
        assert_eq!(code.entry(), aaf5::StopReason::TABLE.find(number));
    }
    assert_eq!(aaf5::StartStrategy::from_number(70_000), aaf5::StartStrategy::Unknown(70_000));
    assert_eq!(aaf5::SoftwareUnit::from_number(0x0200), aaf5::SoftwareUnit::Unknown(0x0200));
}

#[test]
fn a_current_may_flow_back() {
    let (current, written) = reread::<SignedAmps<1>>(&(-1234_i16).to_le_bytes()).unwrap();
    assert_eq!((current.scaled(), written), (-1234, (-1234_i16).to_le_bytes().to_vec()));
    assert_eq!(SignedAmps::<1>(i16::MIN).scaled(), -32_768);
}

#[test]
fn connectors_are_counted_from_the_lowest_bit() {
    let set = Connectors::<16>::new([1, 8, 9, 128, 0, 129]);
    assert_eq!((set.0[0], set.0[1], set.0[15]), (0x81, 0x01, 0x80));
    assert_eq!(connectors(&set.0).collect::<Vec<_>>(), [1, 8, 9, 128]);
    assert!(set.contains(8) && !set.contains(2) && !set.contains(0) && !set.contains(129));
}

#[test]
fn a_text_ends_at_its_zero_and_ff_is_none() {
    let text = |bytes: &[u8; 4]| Text(*bytes).text();
    assert_eq!([text(b"ab\0c"), text(b"abcd"), text(&[0xFF; 4]), text(&[0; 4])], ["ab", "abcd", "", ""]);
    assert!(Text::<4>::new("abcde").is_err() && Text::<4>::new("枪").is_err());
    assert!(Text(*b"ab\0c").says(&Text(*b"ab\0\0")));
}

#[test]
fn behind_an_absent_field_all_are_absent() {
    let mut reader = Reader::new(&[1, 2, 3]);
    assert_eq!(<Option<u8>>::read(&mut reader), Ok(Some(1)));
    assert_eq!(<Option<u32>>::read(&mut reader), Ok(None));
    assert_eq!(<Option<u8>>::read(&mut reader), Ok(None), "what is left is no value of a later field");
    assert_eq!(reader.take_rest(), [2, 3]);

    let mut packed = Reader::new(&[0b101]);
    let bit =
        |reader: &mut Reader<'_>| <Option<Bits<1, aaf5::Stowed>>>::read(reader).unwrap().map(|bit| bit.0.number());
    assert_eq!([bit(&mut packed), bit(&mut packed), bit(&mut packed)], [Some(1), Some(0), Some(1)]);
    assert_eq!(<Option<ReservedBits<5>>>::read(&mut packed), Ok(Some(ReservedBits(0))));
    assert_eq!(bit(&mut packed), None);
}
