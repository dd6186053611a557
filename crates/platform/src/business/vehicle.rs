//! Vehicles that piles tell of.

use serde_json::json;

use super::{Business, BusinessError};
use crate::event::{Event, EventType};
use crate::identity::{ConnectorNumber, PileCode};
use crate::pile::Pile;
use crate::vehicle::Vehicle;

impl Business<'_> {
    /// A pile read the number of the vehicle that is plugged in, in natural order, and its state of charge in %, as
    /// sent. The world learns it, and whether the vehicle is registered.
    ///
    /// # Errors
    /// When the books fail.
    pub fn vehicle_reported(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        vin: &str,
        soc: u8,
    ) -> Result<(), BusinessError> {
        let Some(place) = self.books.get::<Pile>(&pile)? else { return Ok(()) };
        let vehicle: Option<Vehicle> = self.books.get(&vin.to_owned())?;
        let data = json!({
            "pile": pile,
            "connector": connector,
            "vin": vin,
            "soc": soc,
            "registered": vehicle.is_some_and(|vehicle| vehicle.operator == place.operator),
        });
        let subject = format!("piles/{pile}/connectors/{connector}");
        let event = Event::new(EventType::VehicleReported, self.now, subject, &data);
        Ok(self.books.append(&event.of_pile(pile).of_operator(place.operator))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::command::tests::{bench, pile_code};
    use serde_json::Value;

    const FIRST: ConnectorNumber = ConnectorNumber(1);

    #[test]
    fn a_vehicle_is_told_of() {
        let mut bench = bench();
        bench.work(|business| business.vehicle_reported(pile_code(), FIRST, "LSVAU2180N2183294", 50)).unwrap();
        let told = &bench.books.events()[0];
        assert_eq!((told.event_type, told.pile), (EventType::VehicleReported, Some(pile_code())));
        assert_eq!(told.data["vin"], "LSVAU2180N2183294");
        assert_eq!((&told.data["soc"], &told.data["registered"]), (&Value::from(50), &Value::from(false)));
    }
}
