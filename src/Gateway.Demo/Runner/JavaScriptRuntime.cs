using System.Diagnostics;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Gateway.Demo.Runner;

/// <summary>JavaScript by Jint: an interpreter without files, network or .NET types, so what a program can do is compute and print.</summary>
internal sealed class JavaScriptRuntime(bool strict) : ILanguageRuntime
{
    private const int MaxOutput = 1024 * 1024;
    private const int MaxStatements = 200_000_000;
    private const int MaxDepth = 500;

    // Jint counts all that a program ever allocated, not what is alive: a loop that only looks at the clock makes some 300 MB a second.
    private const int AllocatedPerLive = 16;

    public Task<RunResult> RunAsync(Submission submission, CancellationToken cancellationToken)
    {
        // A thread of its own: a program may compute for seconds, and the server's pool has to go on answering.
        var result = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => result.SetResult(Run(submission, cancellationToken)), 16 * 1024 * 1024) { IsBackground = true };
        thread.Start();
        return result.Task;
    }

    private RunResult Run(Submission submission, CancellationToken cancellationToken)
    {
        var (stdout, stderr) = (new StringBuilder(), new StringBuilder());
        var started = Stopwatch.GetTimestamp();
        RunResult Ended(Verdict verdict, string? message = null) => new(
            verdict, TextOf(stdout), TextOf(stderr), Message: message, Elapsed: Stopwatch.GetElapsedTime(started),
            MemoryKilobytes: GC.GetAllocatedBytesForCurrentThread() / 1024);
        try
        {
            var program = Engine.PrepareScript(submission.SourceCode, strict: strict);
            started = Stopwatch.GetTimestamp();
            NewEngine(submission, stdout, stderr, cancellationToken).Execute(program);
            return Ended(Verdict.Accepted);
        }
        catch (Exception e) when (e is Acornima.ParseErrorException or ScriptPreparationException)
        {
            return new RunResult(Verdict.CompilationError, CompileOutput: (e.InnerException ?? e).Message);
        }
        catch (Exception e) when (e is TimeoutException or ExecutionCanceledException or StatementsCountOverflowException)
        {
            return Ended(Verdict.TimeLimitExceeded, "Time limit exceeded");
        }
        catch (JavaScriptException e)
        {
            stderr.AppendLine(e.Error.ToString());
            return Ended(Verdict.RuntimeError, "Exited with error status 1");
        }
        catch (Exception e) when (e is MemoryLimitExceededException or RecursionDepthOverflowException or OutputLimitException)
        {
            stderr.AppendLine(e.Message);
            return Ended(Verdict.RuntimeError, e.Message);
        }
        catch (Exception e)
        {
            return Ended(Verdict.InternalError, e.Message);
        }
    }

    private Engine NewEngine(Submission submission, StringBuilder stdout, StringBuilder stderr, CancellationToken cancellationToken)
    {
        var limit = submission.CpuLimit < submission.WallLimit ? submission.CpuLimit : submission.WallLimit;
        var engine = new Engine(options => options
            .TimeoutInterval(limit)
            .LimitMemory(submission.MemoryBytes * AllocatedPerLive)
            .MaxStatements(MaxStatements)
            .LimitRecursion(MaxDepth)
            .CancellationToken(cancellationToken)
            .Strict(strict));
        var lines = new Queue<string>(submission.Stdin.Split('\n'));
        engine.SetValue("stdin", submission.Stdin);
        engine.SetValue("readline", () => lines.TryDequeue(out var line) ? line : null);
        var console = new JsObject(engine);
        console.Set("log", Printer(engine, stdout));
        console.Set("error", Printer(engine, stderr));
        engine.SetValue("console", console);
        return engine;
    }

    private static ClrFunction Printer(Engine engine, StringBuilder output) => new(engine, "print", (_, arguments) =>
    {
        output.AppendJoin(' ', arguments.Select(a => a.ToString())).Append('\n');
        return output.Length <= MaxOutput ? JsValue.Undefined : throw new OutputLimitException();
    });

    private static string? TextOf(StringBuilder output) => output.Length == 0 ? null : output.ToString();

    private sealed class OutputLimitException() : Exception("Output limit exceeded");
}
