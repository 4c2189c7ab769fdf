//! The recording's picture, beside its title.

use std::sync::Arc;

use egui::epaint::RectShape;
use egui::{
    Color32, ColorImage, Rect, Role, Sense, TextureFilter, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo,
};
use egui::{pos2, vec2};

use super::theme;
use crate::reader::Picture;

/// Its side, in points.
pub const SIDE: f32 = 32.0;

/// The picture as a texture, made once.
#[derive(Default)]
pub struct CoverPicture {
    shown: Option<(Arc<Picture>, TextureHandle)>,
}

impl CoverPicture {
    /// Shows the picture as a square; what is not square loses what reaches over.
    pub fn ui(&mut self, ui: &mut Ui, picture: &Arc<Picture>) {
        let known = self.shown.as_ref().is_some_and(|(made, _)| Arc::ptr_eq(made, picture));
        if !known {
            let image = ColorImage::from_rgba_unmultiplied(picture.size, &picture.rgba);
            let options = TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear));
            let texture = ui.ctx().load_texture("cover", image, options);
            self.shown = Some((Arc::clone(picture), texture));
        }
        let Some((_, texture)) = &self.shown else { return };
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIDE), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Cover"));
        let [width, height] = picture.size.map(|side| side as f32);
        let side = width.min(height);
        let part = Rect::from_center_size(pos2(0.5, 0.5), vec2(side / width.max(1.0), side / height.max(1.0)));
        let shape = RectShape::filled(rect, theme::RADIUS, Color32::WHITE).with_texture(texture.id(), part);
        ui.painter().add(shape);
    }

    /// Lets go of a picture that is not shown any more.
    pub fn forget(&mut self) {
        self.shown = None;
    }
}
