using System.CommandLine;

namespace Gateway.Cli.Catalog;

/// <summary><c>Gateway catalog apply</c>.</summary>
internal static class CatalogCommand
{
    public static Command Create(Option<string> config)
    {
        var file = new Option<FileInfo?>("--file", "-f") { Description = "The catalogue; catalog.json beside the configuration when it is not given." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would change." };
        var json = new Option<bool>("--json") { Description = "The changes as JSON." };
        var apply = new Command(
            "apply",
            "Make product, metrics, prices and plans at Paygentic what the catalogue says, and write their ids beside the configuration. Run it again when it broke off: nothing is made twice.")
        {
            file, dryRun, json,
        };
        apply.SetAction((parsed, token) => ApplyCommand.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(file), parsed.GetValue(dryRun), parsed.GetValue(json), Console.Out, token));
        return new Command("catalog", "What is sold, as code.") { apply };
    }
}
