namespace Gateway.Reservations.Pool;

/// <summary>Scripts for Redis: a file in the folder of the type that runs it, carried in the program.</summary>
internal static class RedisScript
{
    /// <param name="name">The file's, without its ending.</param>
    public static string Read<TOwner>(string name)
    {
        var owner = typeof(TOwner);
        using var stream = owner.Assembly.GetManifestResourceStream($"{owner.Namespace}.{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
