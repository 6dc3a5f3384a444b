//! Who may do what with a file: permission bits, owner, access lists.

#[cfg(unix)]
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::path::Path;

#[cfg(unix)]
use fs_err as fs;

use crate::domain::tree;

/// The permission bits of a file; on Windows, where there are none, those that an ordinary file has.
#[must_use]
pub fn mode(metadata: &Metadata) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.permissions().mode() & 0o7777
    }
    #[cfg(not(unix))]
    {
        if metadata.permissions().readonly() { 0o444 } else { 0o644 }
    }
}

/// The user and the group that own a file; 0 where there are none.
#[must_use]
pub fn owner(metadata: &Metadata) -> (u32, u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.uid(), metadata.gid())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (0, 0)
    }
}

/// `mode` with the right to execute for whoever may read, or for nobody.
#[cfg(unix)]
#[must_use]
pub fn with_execution(mode: u32, file: &tree::File) -> u32 {
    match (file.executable, mode & 0o100 != 0) {
        (true, false) => mode | (mode & 0o444) >> 2,
        (false, true) => mode & !0o111,
        _ => mode,
    }
}

/// Give a file these permission bits, and this owner where we may.
///
/// # Errors
/// The bits cannot be set.
pub fn set(path: &Path, mode: u32, owner: (u32, u32)) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::os::unix::fs::chown(path, Some(owner.0), Some(owner.1));
        fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = (path, mode, owner);
    Ok(())
}

/// Give `out` the owner, the extended attributes and the permission bits of `model`, except for the right to execute,
/// which is as `file` says.
///
/// # Errors
/// The owner cannot be given ([`io::ErrorKind::Unsupported`]), or the bits cannot be set.
#[cfg(unix)]
pub fn copy(out: &File, model: &Path, file: &tree::File) -> io::Result<()> {
    use rustix::fs::{Gid, Mode, Uid};
    use std::os::unix::fs::MetadataExt;

    let old = fs::symlink_metadata(model)?;
    let new = out.metadata()?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        let owner = (old.uid() != new.uid()).then(|| Uid::from_raw(old.uid()));
        rustix::fs::fchown(out, owner, Some(Gid::from_raw(old.gid())))
            .map_err(|error| io::Error::new(io::ErrorKind::Unsupported, io::Error::from(error)))?;
    }
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    copy_extended(out, model);
    // After the owner, because a change of owner clears the setuid bit.
    let bits = with_execution(mode(&old), file);
    rustix::fs::fchmod(out, Mode::from_raw_mode(bits as rustix::fs::RawMode))?;
    Ok(())
}

/// Access lists and other extended attributes, as far as the file system and our rights allow.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn copy_extended(out: &File, model: &Path) {
    use rustix::fs::{XattrFlags, fsetxattr, lgetxattr, lgetxattr_query, llistxattr, llistxattr_query};

    let Ok(size @ 1..) = llistxattr_query(model) else { return };
    let mut names = vec![0_u8; size];
    let Ok(length) = llistxattr(model, &mut names[..]) else { return };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let Ok(size) = lgetxattr_query(model, name) else { continue };
        let mut value = vec![0_u8; size];
        if let Ok(length) = lgetxattr(model, name, &mut value[..]) {
            let _ = fsetxattr(out, name, &value[..length], XattrFlags::empty());
        }
    }
}

/// Give or take the right to execute where it differs from what `file` says.
///
/// # Errors
/// The mode cannot be changed.
pub fn set_execution(path: &Path, file: &tree::File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let old = mode(&fs::metadata(path)?);
        let new = with_execution(old, file);
        if new != old {
            fs::set_permissions(path, std::fs::Permissions::from_mode(new))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, file);
    Ok(())
}
