using System.Globalization;

namespace Gateway.Keys;

/// <summary>That a key's record became this version.</summary>
internal readonly record struct KeyChange(KeyId Id, int Version)
{
    public static KeyChange Parse(string text) =>
        text.Split(':') is [var id, var version] ? new(KeyId.Parse(id), int.Parse(version, CultureInfo.InvariantCulture)) : throw new FormatException($"'{text}' is no change of a key.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}:{Version}");
}
