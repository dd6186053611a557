//! Events: CloudEvents in order, in pages and live, without a gap and without a repetition.

use serde_json::{Value, json};

use super::stage::{CUSTOMER, STATION, Stage};
use crate::support::api::Events;

/// The ids of events.
fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

/// Reads so many events; each stands under its own id.
#[track_caller]
fn read(events: &mut Events, count: usize) -> Vec<String> {
    let next = |_| {
        let (id, event) = events.entry("an event");
        assert_eq!(event["id"], json!(id), "{event:#}");
        id.unwrap()
    };
    (0..count).map(next).collect()
}

#[test]
fn an_event_is_a_cloud_event_about_a_state() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let settled = stage.finish(&stage.charge(&pile, 1));
    let event = stage.events("type=order.settled").pop().unwrap();
    assert_eq!((&event["specversion"], &event["datacontenttype"]), (&json!("1.0"), &json!("application/json")));
    assert_eq!(event["type"], "voltapile.order.settled");
    assert_eq!(event["source"], format!("/voltapile/piles/{}", pile.code));
    assert_eq!(event["subject"], format!("orders/{}", settled["id"]));
    assert_eq!((&event["pile"], &event["operator"]), (&json!(pile.code.to_string()), &json!("east")));
    assert_eq!(event["time"], settled["settled_at"]);
    // The state it tells of is the order as it was shown then.
    for (name, value) in event["data"].as_object().unwrap() {
        assert_eq!(settled[name], *value, "{name}");
    }
    assert_eq!(stage.api.get(&format!("/api/v1/{}", event["subject"].as_str().unwrap())).ok(), settled);
    let money = stage.events("type=account.changed").pop().unwrap();
    assert_eq!((&money["pile"], &money["pilenumber"]), (&Value::Null, &Value::Null));
    assert_eq!((&money["source"], &money["operator"]), (&json!("/voltapile"), &json!("east")));
    assert_eq!(money["data"]["entry"]["kind"], "charge");
    assert_eq!(money["data"]["account"], CUSTOMER);
}

#[test]
fn pages_and_selections_show_each_event_once() {
    let stage = Stage::new();
    let (first, second) = (stage.pile(1), stage.pile(2));
    stage.finish(&stage.charge(&first, 1));
    stage.until_connector(&second, 2, "idle_unplugged");
    let all = stage.events("");
    let (mut after, mut paged) = (0, Vec::new());
    loop {
        let page = stage.api.get(&format!("events?limit=3&after={after}")).ok();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            assert_eq!(page["last"], after, "nothing new is behind the last");
            break;
        }
        after = page["last"].as_i64().unwrap();
        paged.extend(items.clone());
    }
    assert_eq!(ids(&paged), ids(&all));
    let of_first = stage.events(&format!("pile={}", first.code));
    assert!(of_first.iter().all(|event| event["pile"] == first.code.to_string()));
    let orders = stage.events("type=order.created,voltapile.order.settled");
    assert_eq!(orders.len(), 2);
    assert_eq!(stage.api.get("events?type=order.exploded").problem(400), "invalid-parameter");
    assert_eq!(stage.api.get("events?after=-1").problem(400), "invalid-parameter");
}

#[test]
fn a_reader_goes_on_where_it_broke_off() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let mut live = stage.api.follow("events/stream?after=0");
    let begin = read(&mut live, 5);
    drop(live);
    // While nobody listens things happen.
    stage.finish(&stage.charge(&pile, 1));
    let mut live = stage.api.follow_behind(begin.last().unwrap(), "events/stream");
    let known = stage.events("").len();
    let mut seen = [begin, read(&mut live, known - 5)].concat();
    // And while somebody does.
    let order = stage.charge(&pile, 2);
    stage.finish(&order);
    pile.unplug(2);
    stage
        .api
        .put(&format!("stations/{STATION}"), &json!({"name": "北门", "operator": "east", "tariff": "day-and-night"}))
        .ok();
    drop(pile);
    stage.after_events("", "offline", |_| true, || stage.events("type=pile.offline").pop());
    let all = ids(&stage.events(""));
    seen.extend(read(&mut live, all.len() - seen.len()));
    assert_eq!(seen, all);
    // The header counts, not the address it was first opened under.
    let mut again =
        stage.api.follow_behind(&all[all.len() - 2], "events/stream?after=0&type=pile.offline,connector.changed");
    assert_eq!(read(&mut again, 1), all[all.len() - 1..]);
}

#[test]
fn without_a_place_to_go_on_from_a_reader_hears_what_happens_from_now_on() {
    let stage = Stage::new();
    let mut live = stage.api.follow("events/stream?type=account.changed");
    stage.top_up(CUSTOMER, "1.00");
    let event = live.next();
    assert_eq!((&event["data"]["entry"]["amount"], &event["data"]["by"]), (&json!("1.00"), &json!("admin")));
}

#[test]
fn a_stream_survives_the_servers_restart() {
    let directory = tempfile::tempdir().unwrap();
    let stage = Stage::on(crate::support::Setup::new().data_dir(directory.path()));
    let before = ids(&stage.events(""));
    stage.kill();
    let stage = Stage::reopen(directory.path());
    let mut live = stage.api.follow_behind(before.last().unwrap(), "events/stream");
    stage.top_up(CUSTOMER, "1.00");
    let after = read(&mut live, 1);
    assert_eq!([before, after].concat(), ids(&stage.events("")), "numbers go on");
}
