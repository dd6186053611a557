//! Ways of real firmware, as they show on the wire.

use super::*;

/// When a record is sent, in seconds from the end of the charge.
fn sendings(schedule: RecordSchedule, keeps: usize) -> Vec<u64> {
    let mut world = World::working(|config| config.quirks.record_schedule = schedule);
    world.session.send_record(world.now, record(1), &mut Vec::new()).unwrap();
    let times = world.record_times(2_000);
    assert_eq!(world.session.unconfirmed_records(), keeps);
    assert_eq!(world.session.forgotten_records(), 1 - keeps);
    times
}

#[test]
fn records_are_sent_again_as_the_firmware_has_it() {
    let pause = Duration::from_secs(10);
    let book = RecordSchedule::default();
    assert_eq!(sendings(book, 1), [30, 60, 90, 390]);
    let six_times = RecordSchedule { pause, sendings: 6, last_pause: None, forgets: true };
    assert_eq!(sendings(six_times, 0), [10, 20, 30, 40, 50]);
    let three_times = RecordSchedule { pause, sendings: 3, last_pause: None, forgets: true };
    assert_eq!(sendings(three_times, 0), [10, 20]);
    let ten_times = RecordSchedule { sendings: 10, last_pause: None, ..book };
    assert_eq!(sendings(ten_times, 1), (1..10).map(|sending| sending * 30).collect::<Vec<_>>());
}

#[test]
fn a_record_that_is_confirmed_after_the_last_sending_is_not_lost() {
    let schedule = RecordSchedule { pause: Duration::from_secs(10), sendings: 1, last_pause: None, forgets: true };
    let mut world = World::working(|config| config.quirks.record_schedule = schedule);
    world.session.send_record(world.now, record(1), &mut Vec::new()).unwrap();
    world.receive([0, 0], confirm(1, ConfirmResult::Uploaded));
    world.record_times(60);
    assert_eq!((world.session.unconfirmed_records(), world.session.forgotten_records()), (0, 0));
}

#[test]
fn the_version_chooses_the_frame_of_a_record() {
    for (frame, code) in [(RecordFrame::V14, 0x3F), (RecordFrame::V16, 0x3B), (RecordFrame::V17, 0x3D)] {
        let mut world = World::working(|config| config.quirks.record_frame = frame);
        let mut out = Vec::new();
        let meter_stop = MeterReading::from_raw(123_456);
        world.session.send_record(world.now, TransactionRecord { meter_stop, ..record(7) }, &mut out).unwrap();
        world.collect(&out);
        let (number, stop) = match &world.sent[0].0 {
            Message::TransactionRecordV14(record) => (record.transaction_number, record.meter_stop.raw()),
            Message::TransactionRecord(record) => (record.transaction_number, record.meter_stop.raw()),
            Message::TransactionRecordV17(record) => (record.transaction_number, record.meter_stop.raw()),
            other => panic!("{other:?}"),
        };
        assert_eq!(world.sent[0].0.frame_type(), code);
        assert_eq!((number, stop), (TransactionNumber([7; 16]), 123_456));
        world.receive([0, 0], confirm(7, ConfirmResult::Uploaded));
        assert_eq!(world.session.unconfirmed_records(), 0);
    }
}

#[test]
fn the_order_of_the_crc_may_depend_on_the_frame() {
    let mut world = World::new(|config| {
        config.quirks.crc_order = CrcOrder::HighFirst;
        config.quirks.crc_exceptions = &[0x01];
    });
    world.connect();
    world.log_in();
    let orders: Vec<_> = world.sent.iter().map(|(message, _, order)| (message.frame_type(), *order)).collect();
    let (low, high) = (CrcOrder::LowFirst, CrcOrder::HighFirst);
    assert_eq!(orders, [(0x01, low), (0x05, high), (0x03, high)]);
}

#[test]
fn firmware_may_pass_over_what_it_does_not_expect() {
    let mut world = World::working(|config| {
        config.quirks.drops_high_first = true;
        config.quirks.unknown_types = &[0xA4];
    });
    let clock: Message = ClockSyncRequest { pile_code: PILE, ..Default::default() }.into();
    for (crc_order, is_heard) in [(CrcOrder::HighFirst, false), (CrcOrder::LowFirst, true)] {
        let mut bytes = Vec::new();
        write_message(&mut bytes, Envelope { crc_order, ..Envelope::default() }, &clock).unwrap();
        let event = world.session.handle_frame(world.now, &Frame::parse(&bytes).unwrap(), &mut Vec::new());
        assert_eq!(event.is_some(), is_heard);
    }
    assert_eq!(world.receive([1, 1], ParallelRemoteStartRequest { pile_code: PILE, ..Default::default() }), None);
}

#[test]
fn a_faulty_connector_may_push_to_the_front() {
    let mut world = World::working(|config| {
        config.connector_count = 12;
        config.quirks.binary_connectors = true;
        config.quirks.heartbeat = HeartbeatPattern::FaultyFirst;
    });
    let beat = |world: &mut World| {
        world.step();
        world.receive([0, 0], HeartbeatResponse { pile_code: PILE, ..Default::default() });
        match world.sent.drain(..).next() {
            Some((Message::HeartbeatRequest(heartbeat), ..)) => heartbeat.connector_number.0,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((beat(&mut world), beat(&mut world)), (2, 3));
    world.session.set_connector_health(12, ConnectorHealth::Fault);
    assert_eq!((beat(&mut world), beat(&mut world)), (12, 12), "binary, not 0x12");
    world.session.set_connector_health(12, ConnectorHealth::Normal);
    assert_eq!(beat(&mut world), 4);
}

#[test]
fn a_record_is_the_same_in_each_versions_frame() {
    let record = TransactionRecord { meter_stop: MeterReading::from_raw(70_000), ..record(1) };
    for frame in [RecordFrame::V14, RecordFrame::V16, RecordFrame::V17] {
        assert_eq!(record_of(frame.message(&record)), Some(record.clone()));
    }
    assert_eq!(record_of(RealtimeReport::default().into()), None);
}

#[test]
fn a_pile_may_speak_before_it_logs_in() {
    let mut world = World::new(|_| {});
    world.session.send_record(world.now, record(1), &mut Vec::new()).unwrap();
    let mut out = Vec::new();
    world.session.connect_unasked(world.now, &mut out);
    world.session.send(&RealtimeReport::default().into(), &mut out).unwrap();
    world.session.send_all_records(&mut out);
    assert!(!world.session.is_logged_in());
    world.session.connect(world.now, &mut out);
    world.collect(&out);
    assert_eq!(world.take_types(), [0x03, 0x13, 0x3B, 0x01]);
    world.log_in();
    assert_eq!(world.take_types(), [0x05, 0x3B, 0x03], "it is sent again after the login");
}
