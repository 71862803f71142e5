//! From paths to the text and the declarations of Go packages.

mod bounds;
mod comments;
mod decode;
mod deps;
mod discover;
mod gomod;
mod load;
mod makes;
mod outline;
mod scan;
mod text;

pub use bounds::{Bounds, MAX_TEXT_BYTES, read_text};
pub use comments::{Comments, comments_with};
pub use decode::{MAX_FILE_BYTES, decode};
pub use deps::{Dependencies, module_cache};
pub(crate) use discover::normal;
pub use discover::{DiscoverOptions, FileInput, PackageInput, discover, folder};
pub use gomod::{Module, Modules};
pub use load::{FileUnit, Kept, LoadOptions, Loaded, PackageSource, load, load_text, load_with};
pub use makes::may_make_channel;
pub(crate) use outline::lexer;
pub use outline::{Decl, DeclKind, Import, MAX_DECL_BYTES, MAX_DEPTH, Outline, OutlineProblem, Refusal, import_paths, outline};
pub use scan::{Hit, Scanner};
pub use text::{LineCol, Location, SourceFile, Span};
