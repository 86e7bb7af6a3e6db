using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Configuration;

/// <summary>
/// Reads the configuration file the way .NET's JSON provider does, comments and trailing commas allowed, and lays the ids over it that
/// <c>catalog apply</c> keeps beside it.
/// </summary>
internal static class ConfigurationFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Null when it cannot be read just now: missing, or in another program's hands.</summary>
    public static ConfigurationText? TryRead(string path)
    {
        try
        {
            return new ConfigurationText(File.ReadAllBytes(path), ReadIds(IdsPath(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Where the ids of a configuration file are: <c>gateway.ids.json</c> beside <c>gateway.json</c>.</summary>
    public static string IdsPath(string path) => Path.ChangeExtension(path, ".ids.json");

    /// <summary>The file's data with the ids over them, or why there are none.</summary>
    public static IDictionary<string, string?>? Parse(ConfigurationText text, out ConfigurationError? error)
    {
        if (Parse(text.File, out error) is not { } data) return null;
        if (text.Ids.Length == 0) return data;
        if (Parse(text.Ids, out error) is not { } ids)
        {
            error = error! with { Message = $"the file of ids that 'catalog apply' wrote: {error.Message}; run it again or delete the file" };
            return null;
        }

        foreach (var (key, value) in ids) data[key] = value;
        return data;
    }

    /// <summary>Configuration keys and values, or why there are none. The text itself is never repeated: it may hold secrets.</summary>
    public static IDictionary<string, string?>? Parse(byte[] bytes, out ConfigurationError? error)
    {
        error = null;
        try
        {
            using (JsonDocument.Parse(WithoutMark(bytes), Lenient))
            {
                // Only for the exception, which knows the line; the provider's own does not pass it on.
            }
            return new Parser().Read(bytes);
        }
        catch (JsonException e)
        {
            error = new ConfigurationError("$", $"is not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}");
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException)
        {
            error = new ConfigurationError("$", e.Message);
        }
        return null;
    }

    /// <summary>The file's data under the environment, as the running gateway sees them.</summary>
    public static IConfigurationRoot Compose(IDictionary<string, string?> data, IReadOnlyDictionary<string, string?>? environment) =>
        new ConfigurationBuilder().Add(new Content(data)).AddEnvironment(environment).Build();

    private static byte[] ReadIds(string path) => File.Exists(path) ? File.ReadAllBytes(path) : [];

    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) =>
        bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;

    private sealed class Content(IDictionary<string, string?> data) : IndexedConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load() => Data = data;
    }

    private sealed class Parser() : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource())
    {
        public IDictionary<string, string?> Read(byte[] bytes)
        {
            using var stream = new MemoryStream(bytes, writable: false);
            Load(stream);
            return Data;
        }
    }
}
