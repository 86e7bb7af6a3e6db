namespace Gateway.Journal;

internal enum DamageKind
{
    /// <summary>A claim that a crash left unpublished; <c>Append</c> never returned for it.</summary>
    Torn,

    /// <summary>Something that was written and can no longer be read.</summary>
    Corrupt,
}

/// <summary>A place in a segment file that is no record, and why.</summary>
internal sealed record JournalDamage(DamageKind Kind, string File, JournalPosition Position, string Reason);
