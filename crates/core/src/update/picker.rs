//! A list to choose from by typing.

use crate::{
    finding::{Fit, Typed},
    model::{Input, Model, Overlay, Picker, PickerItem, Selection},
};

/// A list to choose what happens to rows.
pub(super) fn picker_about(model: &mut Model, title: String, items: Vec<PickerItem>, chosen: Option<Selection>) {
    let fits = (0..items.len()).collect();
    let input = Input::default();
    model.overlays.push(Overlay::Picker(Picker {
        title,
        input,
        items,
        fits,
        at: 0,
        chosen,
        facet: None,
        scopes: None,
        finds_rows: false,
    }));
}

/// Places of the items that fit, best first.
pub(super) fn fitting(items: &[PickerItem], text: &str) -> Vec<usize> {
    let mut typed = Typed::new(text);
    if typed.is_empty() {
        return (0..items.len()).collect();
    }
    fits(items, &mut typed).into_iter().map(|(_, at)| at).collect()
}

/// How well the items fit, and their places, best first.
pub(super) fn fits(items: &[PickerItem], typed: &mut Typed) -> Vec<(Fit, usize)> {
    let fit = |(at, item): (usize, &PickerItem)| {
        let others: Vec<&str> = item.other_names.iter().map(String::as_str).collect();
        Some((typed.fit(&item.label, &others)?, at))
    };
    let mut fits: Vec<(Fit, usize)> = items.iter().enumerate().filter_map(fit).collect();
    fits.sort();
    fits
}
