namespace Gateway.Tests.Journal;

internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("journal-").FullName;

    /// <summary>What a process killed now would leave behind: the page cache as it is, no lock.</summary>
    public TempFolder Crash()
    {
        var copy = new TempFolder();
        foreach (var (name, bytes) in Contents())
            File.WriteAllBytes(System.IO.Path.Combine(copy.Path, name), bytes);
        return copy;
    }

    /// <summary>Segments by name. One that is deleted just now, because its making failed, has nothing in it.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Contents()
    {
        foreach (var file in Segments())
        {
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(file);
            }
            catch (FileNotFoundException)
            {
                continue;
            }

            yield return (System.IO.Path.GetFileName(file), bytes);
        }
    }

    public string[] Segments() => [.. Directory.GetFiles(Path, "*.journal").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
