//! Tariffs (V5.2B §3.7). These messages name no pile: they are about the one whose connection it is.

use crate::aaf5::code::Outcome;
use crate::declare::{fields, messages};
use crate::wire::YuanPerKwh;

fields! {
    /// One period of a tariff: from a half hour of the day to another, 24:00 at most; all zero where it is not used.
    TariffPeriod {
        start_hour: u8 = "开始小时" / "start hour",
        start_minute: u8 = "开始分钟" / "start minute",
        end_hour: u8 = "结束小时" / "end hour",
        end_minute: u8 = "结束分钟" / "end minute",
        electricity_price: YuanPerKwh<2> = "费率" / "electricity price",
    }
    /// The same with a service price of its own. The answer 1108 is documented as 0.01 CNY, but it gives back what 1105 set:
    /// both are read as 0.0001 CNY.
    TimeOfUsePeriod {
        start_hour: u8 = "开始小时" / "start hour",
        start_minute: u8 = "开始分钟" / "start minute",
        end_hour: u8 = "结束小时" / "end hour",
        end_minute: u8 = "结束分钟" / "end minute",
        electricity_price: YuanPerKwh<4> = "电费" / "electricity price",
        service_price: YuanPerKwh<4> = "服务费" / "service price",
    }
}

messages! {
    /// Asks for the tariff of 1103. Its body is empty.
    TariffQuery 1101 down, 0 bytes, "后台服务器查询24时电费计价策略信息" / "ask for the tariff",
    about "查询 1103 设置的计费策略，无数据。" {
    }

    /// Answers 1101.
    TariffQueryResponse 1102 up reply_to 1101, 96 bytes,
    "充电桩应答后台服务器查询24时电费计价策略信息" / "tariff",
    about "对 1101 的应答。" {
        [each periods: TariffPeriod, exactly 12 = "时段" / "period"]
    }

    /// Sets electricity prices: at most 12 periods without a gap from 00:00 to 24:00, on the half hour. The service price is
    /// integer parameter 27.
    TariffSetRequest 1103 down, 96 bytes, "后台服务器设置24时段电费计价策略信息" / "set the tariff",
    about "设置电费：最多 12 个时段，从 0 点到 24 点首尾相接，以半小时为界；服务费由整形参数 27 设置。" {
        [each periods: TariffPeriod, exactly 12 = "时段" / "period"]
    }

    /// Answers 1103.
    TariffSetResponse 1104 up reply_to 1103, 1 bytes, "充电桩应答后台服务器设置24时电费计价策略信息" / "tariff set answer",
    about "对 1103 的应答。" {
        result: Outcome = "确认结果" / "result",
    }

    /// Sets electricity and service prices by period; then the slots of records are these periods.
    TimeOfUseTariffSetRequest 1105 down, 144 bytes, "后台服务器设置分时段计价策略信息" / "set the time-of-use tariff",
    about "分时段设置电费和服务费；此后记录里的时段即这些时段。" {
        [each periods: TimeOfUsePeriod, exactly 12 = "时段" / "period"]
    }

    /// Answers 1105; piles before V4.8_A04 stay silent.
    TimeOfUseTariffSetResponse 1106 up reply_to 1105, 1 bytes,
    "充电桩应答后台服务器设置分时段计价策略信息" / "time-of-use tariff set answer",
    about "对 1105 的应答；V4.8_A04 以前的桩不应答。" {
        result: Outcome = "确认结果" / "result",
    }

    /// Asks for the tariff of 1105. Its body is empty.
    TimeOfUseTariffQuery 1107 down, 0 bytes, "后台服务器查询分时电费计价策略信息" / "ask for the time-of-use tariff",
    about "查询 1105 设置的计费策略，无数据。" {
    }

    /// Answers 1107.
    TimeOfUseTariffQueryResponse 1108 up reply_to 1107, 144 bytes, "充电桩回复分时电费计价策略信息" / "time-of-use tariff",
    about "对 1107 的应答。" {
        [each periods: TimeOfUsePeriod, exactly 12 = "时段" / "period"]
    }
}
