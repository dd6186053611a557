//! Parameters that do not exist or can't be set (1, 3), and arguments of control commands (5).

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::super::super::meaning::{DO_IT, commands, takes_do_it};
use super::Subject;
use crate::aaf5::code::ParameterAction;
use crate::aaf5::message::{ControlRequest, IntegerParameterRequest, TextParameterRequest};
use crate::aaf5::parameter::{Access, Parameter};
use crate::wire::Code;

/// Address and port of the server, which a pile takes only together.
const ADDRESS_AND_PORT: [&str; 2] = ["server_address", "server_port"];

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    match subject.layout.map(|layout| layout.name) {
        Some(name) if name == IntegerParameterRequest::LAYOUT.name => setting(subject, "first_index", out),
        Some(name) if name == TextParameterRequest::LAYOUT.name => setting(subject, "index", out),
        Some(name) if name == ControlRequest::LAYOUT.name => arguments(subject, out),
        _ => {}
    }
}

fn setting(subject: &Subject<'_>, index: &str, out: &mut Vec<Finding>) {
    let Some(index) = subject.field(index) else { return };
    let names: Vec<&str> = match &index.meaning {
        Some(meaning) => meaning.value.as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect(),
        None => {
            out.push(Finding::new(
                Severity::Warning,
                "parameter-unknown",
                index.offset,
                format!("没有编号为 {} 的参数", index.number),
                format!("there is no parameter {}", index.number),
            ));
            return;
        }
    };
    if subject.number("action") != Some(ParameterAction::Set.number().into()) {
        return;
    }
    if let Some(fixed) = names
        .iter()
        .filter_map(|name| Parameter::named(name).ok())
        .find(|parameter| parameter.access == Access::ReadOnly)
    {
        out.push(Finding::new(
            Severity::Warning,
            "parameter-read-only",
            index.offset,
            format!("“{}”({}) 只能查询，桩会拒绝设置", fixed.zh, fixed.index),
            format!("{} ({}) can only be read: a pile refuses to set it", fixed.en, fixed.index),
        ));
    }
    let one_of_two = ADDRESS_AND_PORT.iter().filter(|name| names.contains(name)).count() == 1;
    if one_of_two {
        out.push(Finding::new(
            Severity::Warning,
            "address-without-port",
            index.offset,
            "服务器地址(25)和端口(26)须在同一条报文里一起设置，单独设置不生效",
            "address (25) and port (26) of the server must be set by one message: alone neither takes effect",
        ));
    }
}

/// Most commands are carried out for 0x55 only.
fn arguments(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(first) = subject.number("first_index").and_then(|first| u32::try_from(first).ok()) else { return };
    let arguments = subject.body.fields.iter().filter(|field| field.name.starts_with("arguments["));
    for (command, argument) in commands(first).zip(arguments) {
        if takes_do_it(command) && argument.number != u64::from(DO_IT) {
            out.push(not_do_it(argument));
        }
    }
}

fn not_do_it(argument: &Field) -> Finding {
    let number = argument.number;
    let finding = Finding::new(
        Severity::Warning,
        "control-argument",
        argument.offset,
        format!("“{}”为 0x{number:02X}：该命令的参数应为 0x55，否则桩可能不执行", argument.zh),
        format!("{} is 0x{number:02X}: this command takes 0x55, a pile may ignore others", argument.en),
    );
    finding.with_bytes(argument.offset, DO_IT.to_le_bytes().to_vec())
}
