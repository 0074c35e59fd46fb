//! What is CyberSensei's own: its texts, its views, what groups its errors.

mod causes;
mod grouping;
mod text;
mod views;
