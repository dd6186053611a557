//! The checker itself: a platform that broke its word would be caught.

use serde_json::{Value, json};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Yuan;
use voltapile_protocol::ykc::message::TransactionRecord;
use voltapile_simulator::fault::ledger::{Books, Ledger};
use voltapile_simulator::model::Moment;
use voltapile_simulator::runner::{Deed, Observer, SentRecord};

use super::evidence::Stored;
use super::{durable, money};
use crate::business::stage::tariff;
use crate::support::messages::{body_of, code, record, transaction};

/// A record of 10 kWh at peak that costs what the tariff says.
fn honest() -> TransactionRecord {
    TransactionRecord { total_amount: Yuan::from_raw(923_333), ..record(code(1), transaction(code(1), 1)) }
}

/// The ledger of a pile whose record was acknowledged.
fn acknowledged(record: &TransactionRecord) -> Books {
    let (ledger, now) = (Ledger::new(), Moment { tick: Tick(1), unix_ms: 1 });
    let transaction_number = record.transaction_number.into();
    ledger.did(code(1), now, &Deed::ChargeBegan { connector: 1, transaction_number });
    ledger.did(code(1), now, &Deed::RecordSent { record: &SentRecord::from(record), body: &body_of(record.clone()) });
    ledger.did(code(1), now, &Deed::RecordAnswered { transaction_number, is_taken: true });
    ledger.books()
}

#[test]
fn a_lost_a_changed_and_a_doubled_record_are_found() {
    let record = honest();
    let books = acknowledged(&record);
    let key = (code(1).to_string(), record.transaction_number.into());
    let (body, other) = (body_of(record), vec![0; 3]);
    for (bodies, complaints) in
        [(vec![body.clone()], 0), (vec![], 1), (vec![other.clone()], 1), (vec![body.clone(), body], 1)]
    {
        let stored = Stored::from([(key.clone(), bodies)]);
        let mut found = Vec::new();
        durable::find_lost(&books, &stored, "in a test", &mut found);
        assert_eq!(found.len(), complaints, "{found:?}");
    }
}

#[test]
fn a_bill_that_was_settled_wrongly_is_found() {
    let settled = |charged: &str| json!({"state": "settled", "charged": charged, "settlement": {"differences": []}});
    let differs = |charged: &str| json!({"state": "settled", "charged": charged, "settlement": {"differences": [{"what": "total"}]}});
    let abnormal = json!({"state": "abnormal", "abnormal_reason": "bill_differs"});
    let a_fen_more = TransactionRecord { total_amount: Yuan::from_raw(923_433), ..honest() };
    let a_lie = TransactionRecord { total_amount: Yuan::from_raw(92_333_300), ..honest() };
    let cases: [(TransactionRecord, Option<Value>, bool); 9] = [
        (honest(), Some(settled("92.33")), true),
        (honest(), Some(settled("92.40")), false),
        (honest(), Some(abnormal.clone()), false),
        (honest(), None, false),
        (a_fen_more.clone(), Some(differs("92.34")), true),
        (a_fen_more, Some(settled("92.34")), false),
        (a_lie.clone(), Some(differs("9233.33")), false),
        (a_lie.clone(), Some(json!({"state": "charging"})), false),
        (honest(), Some(json!({"state": "failed", "failure": "no_energy"})), false),
    ];
    for (record, order, is_right) in cases {
        let books = acknowledged(&record);
        let (_, number, charge) = books.charges().next().unwrap();
        let complaint = money::judge(&Stored::new(), &tariff(), number, charge, order.as_ref(), true);
        assert_eq!(complaint.is_none(), is_right, "{complaint:?} about {order:?}");
    }
    let books = acknowledged(&a_lie);
    let (_, number, charge) = books.charges().next().unwrap();
    let of_a_faulty_pile = money::judge(&Stored::new(), &tariff(), number, charge, Some(&abnormal), false);
    assert_eq!(of_a_faulty_pile, None, "a person judges it");
}
