using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Billing;
using Gateway.Billing.Paygentic;
using Gateway.Catalogue;
using Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Cli.Catalog;

internal static class ApplyCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>0: done, or nothing to do. 1: not all of it could be done. 2: the configuration or the catalogue can not be read.</returns>
    public static async Task<int> RunAsync(string configPath, FileInfo? file, bool isDryRun, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        PaygenticOptions options;
        Catalogue.Catalog catalog;
        try
        {
            options = ConfigurationServices.ReadPaygentic(configPath);
            catalog = CatalogFile.Read(file?.FullName ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configPath))!, "catalog.json"));
        }
        catch (InvalidConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        var services = new ServiceCollection().AddPaygentic(options);
        services.TryAddSingleton(TimeProvider.System);
        await using var provider = services.BuildServiceProvider();
        var application = new CatalogApplication(provider.GetRequiredService<ICatalogStore>(), isDryRun);
        string? problem = null;
        try
        {
            await application.RunAsync(catalog, cancellationToken);
        }
        catch (Exception e) when (e is CatalogConflictException or BillingException)
        {
            problem = e.Message;
        }

        if (json) await output.WriteLineAsync(Json(application.Changes).ToJsonString(Indented));
        else await WriteAsync(application.Changes, isDryRun, isWhole: problem is null, output);
        if (problem is not null)
        {
            var done = isDryRun || application.Changes.All(c => c.Kind == ChangeKind.None) ? "Nothing was changed." : "What is above is done; run it again to go on.";
            await Console.Error.WriteLineAsync($"It stopped here: {problem.TrimEnd('.')}. {done}");
            return 1;
        }

        return isDryRun || await WroteIdsAsync(application.Ids, ConfigurationFile.IdsPath(configPath), json ? TextWriter.Null : output, cancellationToken) ? 0 : 1;
    }

    /// <summary>Or says them: what they are the ids of is made.</summary>
    private static async Task<bool> WroteIdsAsync(CatalogIds ids, string path, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            await ids.WriteAsync(path, cancellationToken);
            await output.WriteLineAsync($"The ids are in {path}, which lies over the configuration.");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The ids could not be written: {e.Message} They belong in {path}:{Environment.NewLine}{ids.ToJson()}");
            return false;
        }
    }

    private static async Task WriteAsync(IReadOnlyList<CatalogChange> changes, bool isDryRun, bool isWhole, TextWriter output)
    {
        foreach (var change in changes)
        {
            var sign = change.Kind switch { ChangeKind.Create => '+', ChangeKind.Update => '~', _ => ' ' };
            var details = change.Details.Count == 0 ? "" : $": {string.Join(", ", change.Details)}";
            await output.WriteLineAsync($"{sign} {change.What}{(change.Id is null ? "" : $" ({change.Id})")}{details}");
        }

        if (!isWhole) return;
        var toDo = changes.Count(c => c.Kind != ChangeKind.None);
        await output.WriteLineAsync((toDo, isDryRun) switch
        {
            (0, _) => "Paygentic has all of it as it should be.",
            (_, true) => $"{toDo} changes to make. Nothing was changed; leave out --dry-run to make them.",
            _ => $"{toDo} changes made.",
        });
    }

    private static JsonArray Json(IReadOnlyList<CatalogChange> changes) =>
    [
        .. changes.Select(c => new JsonObject
        {
            ["change"] = c.Kind.ToString().ToLowerInvariant(), ["what"] = c.What, ["id"] = c.Id, ["details"] = new JsonArray([.. c.Details.Select(d => (JsonNode?)d)]),
        }),
    ];
}
