using System.Globalization;

namespace Gateway.Reservations.Pool;

/// <summary>
/// A pool's epoch in little memory: which run of the server (there are few, and each is one string here) and when the pool began, in microseconds.
/// </summary>
internal readonly record struct PoolEpoch(string Server, long Began)
{
    /// <summary>Reads <c>server:began</c>. Anything else is kept whole.</summary>
    public static PoolEpoch Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var began) && text[colon + 1] != '0'
            ? new PoolEpoch(string.Intern(text[..colon]), began)
            : new PoolEpoch(text, -1);
    }

    public override string ToString() => Began < 0 ? Server : string.Create(CultureInfo.InvariantCulture, $"{Server}:{Began}");
}
