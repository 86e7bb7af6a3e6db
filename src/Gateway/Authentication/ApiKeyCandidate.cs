namespace Gateway.Authentication;

internal enum KeyPresence
{
    None,
    Found,

    /// <summary>One place has several values, so that which one counts would be a guess.</summary>
    Ambiguous,
}

/// <summary>What a request offers as its key.</summary>
/// <param name="presence">Whether there is one.</param>
/// <param name="key">The text, when there is one.</param>
/// <param name="place">The header or query parameter, for people.</param>
internal readonly struct ApiKeyCandidate(KeyPresence presence, string? key, string? place)
{
    public KeyPresence Presence { get; } = presence;

    public string? Key { get; } = key;

    public string? Place { get; } = place;

    /// <summary>Without the key, so that no log can have it.</summary>
    public override string ToString() => Place is null ? $"{Presence}" : $"{Presence} in {Place}";
}
