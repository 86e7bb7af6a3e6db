namespace Gateway.Tests.Journal;

internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("journal-").FullName;

    /// <summary>What a process killed now would leave behind: the page cache as it is, no lock.</summary>
    public TempFolder Crash()
    {
        var copy = new TempFolder();
        foreach (var file in Segments())
            File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        return copy;
    }

    public string[] Segments() => [.. Directory.GetFiles(Path, "*.journal").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
