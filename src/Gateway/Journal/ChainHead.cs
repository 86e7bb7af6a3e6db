using System.Globalization;

namespace Gateway.Journal;

/// <summary>A file beside the segments that names the newest seal: without it, nobody could tell that the newest segments are gone.</summary>
internal sealed record ChainHead(long Segment, string Seal)
{
    private const string FileName = "chain-head";

    /// <summary>Null when there is none yet, or it can not be read.</summary>
    public static ChainHead? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        var parts = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var segment)
            ? new ChainHead(segment, parts[1])
            : null;
    }

    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        File.WriteAllText(path + ".new", string.Create(CultureInfo.InvariantCulture, $"{Segment} {Seal}\n"));
        File.Move(path + ".new", path, overwrite: true);
    }
}
