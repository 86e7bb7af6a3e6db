using System.CommandLine;
using System.Diagnostics;
using Gateway.Bench.Arms;
using Gateway.Bench.Children;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;
using Gateway.Bench.Verbs;
using Spectre.Console;

namespace Gateway.Bench;

/// <summary>The command line. Exit codes: 0 all measured or skipped by name, 1 an answer was wrong or a process failed.</summary>
internal static class BenchCommand
{
    private const int WidthOfFiles = 240;
    private static readonly Option<int> Seed = new("--seed") { Description = "Of the order of runs.", DefaultValueFactory = _ => 1, Recursive = true };
    private static readonly Option<int> Starts = new("--starts") { Description = "How often all processes are started anew in compare, open and axes; the rounds are shared out among the starts.", DefaultValueFactory = _ => 1, Recursive = true };
    private static readonly Option<string?> Output = new("--output") { Description = "Folder of the reports; default bench/results; of a smoke run, none.", Recursive = true };
    private static readonly Option<string> LoadBy = new("--load-by") { Description = "auto, own, wrk or h2load (HTTP/2 without TLS, for yarp, gateway, nginx, haproxy).", DefaultValueFactory = _ => "auto", Recursive = true };
    private static readonly Option<bool> Smoke = new("--smoke") { Description = "Everything once and as short as possible; without a verb, every verb.", Recursive = true };

    public static Task<int> RunAsync(string[] args)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = WidthOfFiles;
        var root = new RootCommand("Measures the gateway against the proxy it is built on, and against its peers, as processes on this machine.")
        {
            Seed, Starts, Output, LoadBy, Smoke, Compare(), Axes(), Open(), Soak(), MixedScenario(), ArmsList(), Upstream(), Tutorial(),
        };
        root.SetAction((parsed, stop) => parsed.GetValue(Smoke) ? GuardAsync(parsed, args, SmokeRun.ExecuteAsync, stop) : Task.FromResult(root.Parse(["--help"]).Invoke()));
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });

        Command Compare()
        {
            var (arms, rounds, seconds, connections) = (Arms("yarp,gateway"), Rounds(10), Seconds(4), Connections(64));
            var command = new Command("compare", "Throughput, latency and cost of arms, interleaved.") { arms, rounds, seconds, connections };
            command.SetAction((parsed, stop) => GuardAsync(parsed, args, (settings, cancellation) => CompareVerb.ExecuteAsync(
                parsed.GetValue(arms)!, settings.IsSmoke ? 1 : parsed.GetValue(rounds), During(settings, parsed.GetValue(seconds)), Width(settings, parsed.GetValue(connections)), settings, cancellation), stop));
            return command;
        }

        Command Axes()
        {
            var (rounds, seconds, connections) = (Rounds(10), Seconds(4), Connections(64));
            var axis = new Option<string>("--axis") { Description = $"What is varied: {Axis.Names}; or all.", Required = true };
            axis.AcceptOnlyFromAmong([.. Axis.All.Select(a => a.Name), "all"]);
            var points = new Option<int>("--points") { Description = "Only the first so many points of the axis.", DefaultValueFactory = _ => int.MaxValue };
            var command = new Command("axes", "One thing varied, its points interleaved.") { axis, points, rounds, seconds, connections };
            command.SetAction((parsed, stop) => GuardAsync(parsed, args, async (settings, cancellation) =>
            {
                foreach (var one in Axis.All.Where(a => parsed.GetValue(axis) is var wanted && (wanted == "all" || wanted == a.Name)))
                    await AxesVerb.ExecuteAsync(one.First(parsed.GetValue(points)), settings.IsSmoke ? 1 : parsed.GetValue(rounds), During(settings, parsed.GetValue(seconds)), Width(settings, parsed.GetValue(connections)), settings, cancellation);
            }, stop));
            return command;
        }

        Command Open()
        {
            var (arms, rounds, seconds, connections) = (Arms("yarp,gateway"), Rounds(10), Seconds(20), Connections(256));
            var rate = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => 2000 };
            var command = new Command("open", "Latency at a steady rate, from when each request was due.") { arms, rate, rounds, seconds, connections };
            command.SetAction((parsed, stop) => GuardAsync(parsed, args, (settings, cancellation) => OpenVerb.ExecuteAsync(
                parsed.GetValue(arms)!, parsed.GetValue(rate), settings.IsSmoke ? 1 : parsed.GetValue(rounds), During(settings, parsed.GetValue(seconds)), parsed.GetValue(connections), settings, cancellation), stop));
            return command;
        }

        Command Soak()
        {
            var arm = new Option<string>("--arm") { Description = "Which one.", DefaultValueFactory = _ => "gateway" };
            var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 10 };
            var share = new Option<double>("--load") { Description = "Share of what it answers when asked for too much.", DefaultValueFactory = _ => 0.8 };
            var command = new Command("soak", "A steady rate for long: memory, tail latency and what is unshipped.") { arm, minutes, share };
            command.SetAction((parsed, stop) => GuardAsync(parsed, args, (settings, cancellation) => SoakVerb.ExecuteAsync(
                parsed.GetValue(arm)!, settings.IsSmoke ? TimeSpan.FromSeconds(3) : TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(share), settings, cancellation), stop));
            return command;
        }

        Command MixedScenario()
        {
            var (copies, rate, seconds) = (new Option<int>("--copies") { Description = "Users at the same time.", DefaultValueFactory = _ => 50 }, new Option<int>("--rate") { Description = "Turns a second.", DefaultValueFactory = _ => 200 }, Seconds(15));
            var command = new Command("scenario", "Mixed traffic with think time and several keys, step by step.") { copies, rate, seconds };
            command.SetAction((parsed, stop) => GuardAsync(parsed, args, (settings, cancellation) => ScenarioVerb.ExecuteAsync(
                parsed.GetValue(copies), parsed.GetValue(rate), During(settings, parsed.GetValue(seconds)), settings, cancellation), stop));
            return command;
        }
    }

    private static Command ArmsList()
    {
        var command = new Command("arms", "Says which arms there are, and what they miss here.");
        command.SetAction(_ =>
        {
            foreach (var arm in ArmCatalog.All)
                AnsiConsole.MarkupLineInterpolated($"[bold]{arm.Name,-16}[/] {arm.Description}{(arm.Missing.Count == 0 ? "" : $" [needs {string.Join(", ", arm.Missing)}]")}");
        });
        return command;
    }

    private static Command Upstream()
    {
        var urls = new Option<string>("--urls") { Required = true };
        var command = new Command("upstream", "The bench's own upstream, as the bench starts it.") { urls };
        command.Hidden = true;
        command.SetAction((parsed, _) => UpstreamChild.RunAsync(parsed.GetValue(urls)!));
        return command;
    }

    private static Command Tutorial()
    {
        var (urls, customers) = (new Option<string>("--urls") { Required = true }, new Option<int>("--customers") { DefaultValueFactory = _ => 1 });
        var (upstream, paygentic) = (new Option<string>("--upstream") { Required = true }, new Option<string>("--paygentic") { Required = true });
        var command = new Command("tutorial", "The tutorial's integration, as the bench starts it.") { urls, upstream, paygentic, customers };
        command.Hidden = true;
        command.SetAction((parsed, _) => TutorialChild.RunAsync(parsed.GetValue(urls)!, new Uri(parsed.GetValue(upstream)!), new Uri(parsed.GetValue(paygentic)!), parsed.GetValue(customers)));
        return command;
    }

    private static async Task<int> GuardAsync(ParseResult parsed, string[] args, Func<RunSettings, CancellationToken, Task> run, CancellationToken stop)
    {
        var root = RunSettings.FindRoot();
        using var discarded = new TempFolder();
        var settings = new RunSettings
        {
            Seed = parsed.GetValue(Seed),
            Starts = parsed.GetValue(Smoke) ? 1 : Math.Max(1, parsed.GetValue(Starts)),
            Root = root,
            Output = parsed.GetValue(Output) ?? (parsed.GetValue(Smoke) ? discarded.Path : Path.Combine(root, "bench", "results")),
            CommandLine = "bench/run " + string.Join(' ', args),
            IsSmoke = parsed.GetValue(Smoke),
            Load = parsed.GetValue(LoadBy)!,
        };
        try
        {
            var started = Stopwatch.GetTimestamp();
            await run(settings, stop);
            AnsiConsole.MarkupLineInterpolated($"[grey]took {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, seed {settings.Seed}[/]");
            return 0;
        }
        catch (Exception e) when (e is LoadFailedException or ChildFailedException or ArgumentException or HttpRequestException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]failed[/] {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            AnsiConsole.MarkupLine("[yellow]stopped[/]");
            return 1;
        }
    }

    private static TimeSpan During(RunSettings settings, double seconds) => settings.IsSmoke ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(seconds);

    private static int Width(RunSettings settings, int connections) => settings.IsSmoke ? Math.Min(8, connections) : connections;

    private static Option<string> Arms(string otherwise) => new("--arms") { Description = $"Separated by commas: {ArmCatalog.Names}.", DefaultValueFactory = _ => otherwise };

    private static Option<int> Rounds(int otherwise) => new("--rounds") { Description = "How often each is measured.", DefaultValueFactory = _ => otherwise };

    private static Option<double> Seconds(double otherwise) => new("--seconds") { Description = "How long each is measured in a round.", DefaultValueFactory = _ => otherwise };

    private static Option<int> Connections(int otherwise) => new("--connections") { Description = "To the arm.", DefaultValueFactory = _ => otherwise };
}
