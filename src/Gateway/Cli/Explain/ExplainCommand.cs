using System.CommandLine;
using Gateway.Configuration;

namespace Gateway.Cli.Explain;

/// <summary><c>Gateway explain</c>: what a request would cost, or what one did cost. Calls nobody and changes nothing.</summary>
internal static class ExplainCommand
{
    public const int Explained = 0;
    public const int Refused = 1;
    public const int BadUsage = 2;

    private const string Help = """
        Say what a request would cost and why, or what one did cost. Calls nobody, changes nothing; the gateway may be running.

        What would it cost? The rules of the configuration, as they are, on a request of your own:
          explain --path /submissions --query wait=true --body program.json
          echo '{"language_id": 71}' | explain --route submissions --body -

        What did it cost? By the Usage-Receipt of the answer (or its X-Request-Id), out of this node's journal:
          explain 01a2bcaabc4673acbf9ad02c6f2e2a21

        Exit codes: 0 explained, 1 the request would be refused or the receipt is not in this journal, 2 the question or the configuration is wrong.
        """;

    public static Command Create(Option<string> config)
    {
        var receipt = new Argument<string?>("receipt") { Description = "32 hex digits: the Usage-Receipt or X-Request-Id of an answer.", Arity = ArgumentArity.ZeroOrOne };
        var route = new Option<string?>("--route") { Description = "YARP's id of the route; may be left out where --path says it." };
        var method = new Option<string?>("--method") { Description = "The HTTP method. Default: POST with a body, else what the route serves." };
        var path = new Option<string?>("--path") { Description = "The path, as a client asks for it: /submissions." };
        var query = new Option<string?>("--query") { Description = "The query: 'wait=true&language_id=71'." };
        var header = new Option<string[]>("--header") { Description = "A header, 'Name: value'; again for each.", DefaultValueFactory = static _ => [] };
        var body = new Option<string?>("--body") { Description = "A file with the body; '-' reads standard input. Without a Content-Type it is taken for application/json." };
        var data = new Option<DirectoryInfo?>("--data") { Description = "For a receipt: the data directory, instead of the configuration's." };
        var job = new Option<string?>("--job") { Description = "For a receipt: the token that the API gave the job, to find its result's charge too." };
        var json = new Option<bool>("--json") { Description = "For programs." };
        var command = new Command("explain", Help) { receipt, route, method, path, query, header, body, data, job, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (id, configPath, asJson) = (parsed.GetValue(receipt), parsed.GetValue(config)!, parsed.GetValue(json));
            var ofRequest = new Option[] { route, method, path, query, header, body }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });
            var ofReceipt = new Option[] { data, job }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });
            return RunAsync(asJson, Console.Out, Console.Error, async () => (id, ofRequest, ofReceipt) switch
            {
                (not null, { } other, _) => throw new UsageException($"A receipt and {other.Name} are two questions; ask one."),
                (null, null, _) => throw new UsageException("Give a receipt, or a request by --path or --route; 'explain --help' has examples."),
                (null, _, { } other) => throw new UsageException($"{other.Name} goes with a receipt."),
                (not null, _, _) => await ReceiptCommand.ExplainAsync(
                    id, configPath, parsed.GetValue(data)?.FullName, parsed.GetValue(job), cancellationToken),
                _ => await CostCommand.ExplainAsync(
                    new RequestSketch(
                        parsed.GetValue(route), parsed.GetValue(method), parsed.GetValue(path), parsed.GetValue(query), parsed.GetValue(header)!,
                        await ReadBodyAsync(parsed.GetValue(body), cancellationToken)),
                    configPath),
            });
        });
        return command;
    }

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(bool json, TextWriter output, TextWriter errors, Func<Task<IAnswer>> explain)
    {
        try
        {
            var answer = await explain();
            if (json) await output.WriteLineAsync(answer.ToJson());
            else answer.Write(output);
            return answer.ExitCode;
        }
        catch (Exception e) when (e is UsageException or InvalidConfigurationException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await errors.WriteLineAsync(e.Message);
            return BadUsage;
        }
    }

    private static async Task<byte[]?> ReadBodyAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null) return null;
        if (file != "-") return await File.ReadAllBytesAsync(file, cancellationToken);
        using var bytes = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}

/// <summary>What was found out.</summary>
internal interface IAnswer
{
    int ExitCode { get; }

    string ToJson();

    void Write(TextWriter output);
}
