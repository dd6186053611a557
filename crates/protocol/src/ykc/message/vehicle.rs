//! The car at a connector (beyond V1.6).

use super::vin_order::NATURAL;
use crate::declare::messages;
use crate::wire::{Percent, Vin};
use crate::ykc::field::{ConnectorNumber, PileCode};

messages! {
    /// VIN of a car that was plugged in, and when asked by 0x73; every 3 s, up to 4 times, until 0x72. Natural order
    /// (易联 1.8.4).
    VehicleReport 0x71 up reply_to 0x73, 26 bytes, "车辆VIN上报" / "vehicle report" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        soc: Percent = "SOC" / "SOC",
        vin: Vin<NATURAL> = "VIN码" / "VIN",
    }

    /// Confirms 0x71.
    VehicleReportConfirm 0x72 down reply_to 0x71, 8 bytes, "车辆VIN上报应答" / "vehicle report answer" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }

    /// Asks for 0x71.
    VehicleQuery 0x73 down, 8 bytes, "车辆VIN查询" / "vehicle query" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }
}
