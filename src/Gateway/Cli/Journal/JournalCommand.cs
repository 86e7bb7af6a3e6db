using System.CommandLine;
using Gateway.Configuration;
using Gateway.Journal;

namespace Gateway.Cli.Journal;

/// <summary><c>Gateway journal verify | export | replay</c>: what an operator does with the journal besides running the gateway.</summary>
internal static class JournalCommand
{
    public static Command Create(Option<string> config)
    {
        var data = new Option<DirectoryInfo?>("--data") { Description = "The data directory, instead of the configuration's: for a copy, or without a configuration." };
        var head = new Option<string?>("--head") { Description = "A seal noted earlier, for example from the log. It must be in the chain, or segments were replaced." };
        var verify = new Command("verify", "Read the whole journal and say whether it is whole. Changes nothing; the gateway may be running.") { data, head };
        verify.SetAction((parsed, cancellationToken) => OnJournalAsync(
            parsed.GetValue(data), parsed.GetValue(config)!, folder => VerifyCommand.RunAsync(folder, parsed.GetValue(head), Console.Out, cancellationToken)));

        var format = new Option<ExportFormat>("--format") { Description = "Jsonl: a line of JSON for each charge. Csv: a table with the same columns." };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; standard output when it is not given." };
        var export = new Command("export", "Write every charge that the journal still has, reported or not: segments are deleted when all in them is reported. Changes nothing; the gateway may be running.") { data, format, output };
        export.SetAction((parsed, cancellationToken) => OnJournalAsync(
            parsed.GetValue(data), parsed.GetValue(config)!,
            folder => ExportCommand.RunAsync(folder, parsed.GetValue(format), parsed.GetValue(output), Console.Error, cancellationToken)));

        var replay = new Command("replay", "Send the usage events in quarantine again, under the same keys. The gateway may be running.");
        replay.SetAction((parsed, cancellationToken) => ReplayCommand.RunAsync(parsed.GetValue(config)!, Console.Out, cancellationToken));

        return new Command("journal", "Check the journal, take charges out of it, or send again what Paygentic refused.") { verify, export, replay };
    }

    /// <summary>0: well. 1: something is wrong with the journal. 2: it can not be read.</summary>
    private static async Task<int> OnJournalAsync(DirectoryInfo? data, string configPath, Func<string, Task<int>> action)
    {
        try
        {
            return await action(Path.Combine(data?.FullName ?? DataDirectory(configPath), "journal"));
        }
        catch (Exception e) when (e is InvalidConfigurationException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static string DataDirectory(string configPath)
    {
        var options = ConfigurationServices.ReadOptions(configPath);
        return options.Journal.Engine == LedgerEngine.Disk
            ? options.DataDirectory
            : throw new InvalidDataException("There is no journal on a disk: by Gateway:Journal:Engine charges are kept in a stream in Redis.");
    }
}
