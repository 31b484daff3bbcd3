//! Sources: files framed, decoded and typed, with every malformed record set aside.
