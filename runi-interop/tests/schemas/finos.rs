//! Schemas of finance: contexts of FDC3, types of the Common Domain Model. Each imports, and whatever is lost is named.

use crate::support::{check, fixture, losses, only_these};
use runi_interop::import::{self, Format, Input, Options};
use runi_interop::{ImportError, Imported};
use runi_lang::model::Contract;
use runi_lang::syntax::write;

/// The imports of a directory, by the names of its files.
fn directory(name: &str) -> Vec<(String, Imported)> {
    let mut paths: Vec<_> = std::fs::read_dir(fixture(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let import = |path: &std::path::Path| -> Result<Imported, ImportError> {
        let bytes = std::fs::read(path).unwrap();
        import::import(
            Format::JsonSchema,
            &Input { name: path.to_str().unwrap(), bytes: &bytes, path: Some(path), options: &Options::default() },
        )
    };
    paths
        .iter()
        .map(|path| {
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            let imported = import(path).unwrap_or_else(|error| panic!("{file}: {error}"));
            (file, imported)
        })
        .collect()
}

/// What one import shows.
fn shown(imported: &Imported) -> String {
    format!("{}\n--- not kept\n{}\n", write::file(&imported.contracts).unwrap(), losses(imported))
}

fn all_is_well(imports: &[(String, Imported)]) {
    let contracts: Vec<Contract> = imports.iter().flat_map(|(_, imported)| imported.contracts.clone()).collect();
    assert_eq!(contracts.len(), imports.len());
    assert_eq!(check(&contracts), Vec::<String>::new());
}

#[test]
fn contexts_of_fdc3() {
    let imports = directory("fdc3");
    assert_eq!(imports.len(), 14);
    all_is_well(&imports);
    for (file, imported) in &imports {
        insta::assert_snapshot!(format!("fdc3 {file}"), shown(imported));
    }
    only_these(module_path!(), "fdc3", imports.iter().map(|(file, _)| file.as_str()));
}

#[test]
fn types_of_the_common_domain_model() {
    let imports = directory("cdm");
    assert_eq!(imports.len(), 8);
    all_is_well(&imports);
    for (file, imported) in &imports {
        insta::assert_snapshot!(format!("cdm {file}"), shown(imported));
    }
    only_these(module_path!(), "cdm", imports.iter().map(|(file, _)| file.as_str()));
}
