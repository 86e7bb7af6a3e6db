using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;
using Spectre.Console;

namespace Gateway.Demo;

/// <summary>Real programs through the gateway until the wallet is empty; then every bill must say the same.</summary>
internal sealed class SelfTest(DemoWorld world, HttpClient client, HttpClient runner)
{
    private const int MostSubmissions = 500;
    private readonly List<string> _failures = [];
    private int _basic;
    private int _premium;

    public static async Task<int> RunAsync()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 120; // a log has no width of its own
        AnsiConsole.MarkupLine("Starting the sandbox, the code runner and the gateway …");
        await using var world = await DemoWorld.StartAsync(fixedPorts: false);
        using var client = new HttpClient { BaseAddress = world.GatewayAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", DemoWorld.Key);
        using var runner = new HttpClient { BaseAddress = world.RunnerAddress };
        return await new SelfTest(world, client, runner).RunStepsAsync();
    }

    private async Task<int> RunStepsAsync()
    {
        var premium = await PremiumProgramAsync();
        await RunsAsync("a program in a basic language", LanguageList.JavaScript, "console.log('Hello, ' + stdin)", "world", "Hello, world\n");
        await RunsAsync("a program in a premium language", premium.Language, premium.Source, "20 22", "42\n");
        await RunsAsync("a program that takes its time", LanguageList.JavaScript, "const end = Date.now() + 1300; while (Date.now() < end); console.log('done')", "", "done\n");
        await WrongKeyAsync();
        await UntilTheWalletIsEmptyAsync();
        var agree = await new BillComparison(world, _basic, _premium).PrintAsync();
        if (!agree) _failures.Add("the bills differ");
        AnsiConsole.MarkupLine(_failures.Count == 0 ? "[green]All bills agree.[/]" : $"[red]Failed: {Markup.Escape(string.Join("; ", _failures))}[/]");
        return _failures.Count == 0 ? 0 : 1;
    }

    private async Task<(int Language, string Source)> PremiumProgramAsync()
    {
        var languages = (await runner.GetFromJsonAsync<JsonArray>("/languages"))!;
        return languages.Any(l => l!["id"]!.GetValue<int>() == LanguageList.Python)
            ? (LanguageList.Python, "print(sum(map(int, input().split())))")
            : (LanguageList.StrictJavaScript, "console.log(stdin.split(' ').reduce((sum, n) => sum + Number(n), 0))");
    }

    private async Task RunsAsync(string what, int language, string source, string stdin, string expected)
    {
        using var answer = await SubmitAsync(client, language, source, stdin);
        var body = await answer.Content.ReadFromJsonAsync<JsonNode>();
        var output = body?["stdout"]?.GetValue<string>();
        Check(answer.StatusCode == HttpStatusCode.Created && output == expected, $"{what}: {(int)answer.StatusCode} {output?.TrimEnd()}");
        Count(language);
    }

    private async Task WrongKeyAsync()
    {
        var before = await ReceivedAsync();
        using var stranger = new HttpClient { BaseAddress = world.GatewayAddress };
        stranger.DefaultRequestHeaders.Add("X-API-Key", "a_key_that_nobody_was_ever_given");
        using var answer = await SubmitAsync(stranger, LanguageList.JavaScript, "console.log(1)", "");
        Check(answer.StatusCode == HttpStatusCode.Unauthorized && await ReceivedAsync() == before, $"a wrong key: {(int)answer.StatusCode}, the runner was not called");
    }

    private async Task UntilTheWalletIsEmptyAsync()
    {
        for (var i = 0; i < MostSubmissions; i++)
        {
            var before = await ReceivedAsync();
            using var answer = await SubmitAsync(client, LanguageList.JavaScript, $"console.log({i})", "");
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                Count(LanguageList.JavaScript);
                continue;
            }

            var problem = await answer.Content.ReadFromJsonAsync<JsonNode>();
            Check(
                answer.StatusCode == HttpStatusCode.PaymentRequired && await ReceivedAsync() == before,
                $"no funds after {i} more: {(int)answer.StatusCode}, {problem?["missing"]?.ToJsonString()} missing, the runner was not called");
            return;
        }

        Check(false, $"the wallet was not empty after {MostSubmissions} submissions");
    }

    private void Count(int language)
    {
        if (language == LanguageList.JavaScript) _basic++;
        else _premium++;
    }

    private async Task<long> ReceivedAsync() => (await runner.GetFromJsonAsync<JsonNode>("/runner/stats"))!["received"]!.GetValue<long>();

    private static Task<HttpResponseMessage> SubmitAsync(HttpClient by, int language, string source, string stdin) =>
        by.PostAsJsonAsync("/submissions?wait=true", new { language_id = language, source_code = source, stdin });

    private void Check(bool holds, string what)
    {
        AnsiConsole.Markup(holds ? "[green]ok  [/] " : "[red]FAIL[/] ");
        Console.WriteLine(what);
        if (!holds) _failures.Add(what);
    }
}
