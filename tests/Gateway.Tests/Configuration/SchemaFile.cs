using NJsonSchema;

namespace Gateway.Tests.Configuration;

internal static class SchemaFile
{
    public static string FilePath { get; } = Path.Combine(TestConfiguration.Root, "config", "gateway.schema.json");

    public static Task<JsonSchema> Read() => JsonSchema.FromFileAsync(FilePath, TestContext.Current.CancellationToken);
}
