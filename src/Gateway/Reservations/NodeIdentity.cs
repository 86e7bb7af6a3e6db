namespace Gateway.Reservations;

/// <summary>This node's id, and no other node's: the same for every start on one data directory.</summary>
internal sealed record NodeIdentity(Guid Id)
{
    /// <summary>Of a node that has nowhere to keep it: another one at every start.</summary>
    public static NodeIdentity Passing() => new(Guid.NewGuid());

    /// <summary>Reads it from the data directory, where the first start writes it.</summary>
    public static NodeIdentity Of(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        var path = Path.Combine(dataDirectory, "node-id");
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var known)) return new NodeIdentity(known);

        var id = Guid.NewGuid();
        File.WriteAllText(path + ".new", id.ToString("N"));
        File.Move(path + ".new", path, overwrite: true);
        return new NodeIdentity(id);
    }
}
