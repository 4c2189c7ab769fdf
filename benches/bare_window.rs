//! A window of the same kind as Earmark's with nothing in it: what no program built this way can fall below.

fn main() -> eframe::Result {
    let viewport = egui::ViewportBuilder::default()
        .with_title("Bare window")
        .with_inner_size([1280.0, 800.0]);
    let options = eframe::NativeOptions {
        viewport,
        centered: true,
        ..eframe::NativeOptions::default()
    };
    eframe::run_ui_native("Bare window", options, |ui, _frame| {
        egui::CentralPanel::default().show(ui, |_ui| {});
    })
}
