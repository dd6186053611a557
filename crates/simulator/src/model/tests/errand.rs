//! A firmware that is really fetched, without a network: the test goes in the runner's stead.

use std::time::Duration;

use voltapile_protocol::wire::{Ascii, MinutesByte};

use super::*;

fn order(minutes: u8) -> FirmwareUpdateRequest {
    FirmwareUpdateRequest {
        pile_code: PILE,
        pile_model: PileModel::Dc,
        ftp_host: Ascii::new("ftp.example").unwrap(),
        ftp_port: 2_121,
        ftp_user: Ascii::new("volta").unwrap(),
        ftp_password: Ascii::new("secret").unwrap(),
        ftp_path: Ascii::new("fw/V3.bin").unwrap(),
        execute_mode: ExecuteMode::Now,
        download_timeout: MinutesByte::from_raw(minutes),
        ..Default::default()
    }
}

fn come_back(world: &mut World, downloaded: Downloaded) {
    let mut out = Vec::new();
    let link = world.pile.errand_done(world.now(), downloaded, &mut out);
    world.closed |= link == Link::Close;
    world.platform(&out);
}

fn results(world: &World) -> Vec<UpdateResult> {
    let results = world.sent.iter().filter_map(|(_, message)| match message {
        Message::FirmwareUpdateResponse(answer) => Some(answer.update_result),
        _ => None,
    });
    results.collect()
}

#[test]
fn asks_the_runner_once_and_reboots_with_what_it_brings() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.ask(order(5));
    let expected = Errand::Download {
        server: "ftp.example".to_owned(),
        port: 2_121,
        user: "volta".to_owned(),
        password: "secret".to_owned(),
        path: "fw/V3.bin".to_owned(),
        timeout: Duration::from_secs(300),
    };
    assert_eq!(world.pile.take_errand(), Some(expected));
    assert_eq!(world.pile.take_errand(), None);
    world.run_for(60_000);
    come_back(&mut world, Ok(1_000_000));
    assert!(results(&world).is_empty(), "it is written to flash first");
    world.run_until(|world| world.closed);
    assert_eq!(results(&world), [UpdateResult::Succeeded]);
    assert_eq!(world.pile.snapshot().firmware_version, "V3");
}

#[test]
fn tells_that_nothing_came() {
    let nothing = Err(DownloadError::LoginRefused("530".to_owned()));
    for (downloaded, result) in [(nothing, UpdateResult::DownloadTimeout), (Ok(0), UpdateResult::ModelMismatch)] {
        let mut world = World::working(without_walk_ins(1), ModelOptions::default());
        world.ask(order(1));
        come_back(&mut world, downloaded);
        assert_eq!(results(&world), [result]);
        assert!(!world.closed && !world.pile.snapshot().is_updating);
    }
}

#[test]
fn waits_no_longer_than_the_platform_wants() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.ask(order(2));
    world.run_for(150_000);
    assert_eq!(results(&world), [UpdateResult::DownloadTimeout]);
    come_back(&mut world, Ok(1));
    world.run_for(HOUR_MS);
    assert_eq!(results(&world).len(), 1, "too late");
}

#[test]
fn tells_what_came_of_it_after_the_next_login() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.ask(order(1));
    world.pile.disconnected();
    come_back(&mut world, Err(DownloadError::Unreachable("refused".to_owned())));
    assert!(results(&world).is_empty() && world.pile.snapshot().is_updating);
    world.connect();
    assert_eq!(results(&world), [UpdateResult::DownloadTimeout]);
}

#[test]
fn a_power_cut_ends_it() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.ask(order(1));
    world.act(Action::PowerCut { lasts: Duration::from_secs(1) });
    assert!(world.pile.take_errand().is_none() && !world.pile.snapshot().is_updating);
}
