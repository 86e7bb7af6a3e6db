using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Acornima.Ast;
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
    private const int StackBytes = 64 * 1024 * 1024;

    // Jint counts all that a program ever allocated, not what is alive: a loop that only looks at the clock makes some 300 MB a second.
    private const int AllocatedPerLive = 16;

    public Task<RunResult> RunAsync(Submission submission, CancellationToken cancellationToken)
    {
        // A thread of its own: a program may compute for seconds, and the server's pool has to go on answering.
        var result = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => result.SetResult(Run(submission, cancellationToken)), StackBytes) { IsBackground = true };
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
        Prepared<Script> program;
        try
        {
            program = Engine.PrepareScript(submission.SourceCode, strict: strict);
        }
        catch (Exception e)
        {
            // Not only what the parser throws by name: source nested too deeply is refused with an exception of the runtime's.
            return new RunResult(Verdict.CompilationError, CompileOutput: (e.InnerException ?? e).Message);
        }

        started = Stopwatch.GetTimestamp();
        try
        {
            using var engine = NewEngine(submission, stdout, stderr, cancellationToken);
            engine.Execute(program);
            return Ended(Verdict.Accepted);
        }
        catch (Exception e) when (e is TimeoutException or RegexMatchTimeoutException or ExecutionCanceledException or StatementsCountOverflowException)
        {
            return Ended(Verdict.TimeLimitExceeded, "Time limit exceeded");
        }
        catch (JavaScriptException e)
        {
            stderr.Append(Describe(e)).Append('\n');
            return Ended(Verdict.RuntimeError, "Exited with error status 1");
        }
        catch (InsufficientExecutionStackException)
        {
            return Ended(Verdict.RuntimeError, "Stack limit exceeded");
        }
        catch (Exception e) when (e is OutOfMemoryException or MemoryLimitExceededException or RecursionDepthOverflowException
            or ScriptPreparationException or OutputLimitException)
        {
            stderr.Append(e.Message).Append('\n');
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
            .RegexTimeoutInterval(limit)
            .LimitMemory(submission.MemoryBytes * AllocatedPerLive)
            .MaxStatements(MaxStatements)
            .LimitRecursion(MaxDepth)
            .CancellationToken(cancellationToken)
            .Constraint(new JavaScriptGuard())
            .Strict(strict));
        JavaScriptGuard.Install(engine);
        var lines = new StringReader(submission.Stdin);
        engine.SetValue("stdin", submission.Stdin);
        engine.SetValue("readline", new ClrFunction(engine, "readline", (_, _) => lines.ReadLine() is { } line ? line : JsValue.Null));
        var console = new JsObject(engine);
        console.Set("log", Printer(engine, stdout));
        console.Set("error", Printer(engine, stderr));
        engine.SetValue("console", console);
        return engine;
    }

    private static ClrFunction Printer(Engine engine, StringBuilder output) => new(engine, "print", (_, arguments) =>
    {
        var line = string.Join(' ', arguments.Select(TextOf)) + '\n';
        var room = MaxOutput - output.Length;
        output.Append(line, 0, Math.Min(room, line.Length));
        return line.Length <= room ? JsValue.Undefined : throw new OutputLimitException();
    });

    /// <summary>What was thrown, in words. They may be the program's own code, and that may throw again.</summary>
    private static string Describe(JavaScriptException thrown)
    {
        try
        {
            return TextOf(thrown.Error);
        }
        catch (Exception)
        {
            return "Uncaught exception";
        }
    }

    private static string TextOf(JsValue value) => value.IsSymbol() ? value.ToString() : TypeConverter.ToString(value);

    private static string? TextOf(StringBuilder output) => output.Length == 0 ? null : output.ToString();

    private sealed class OutputLimitException() : Exception("Output limit exceeded");
}
