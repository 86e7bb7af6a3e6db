using System.Globalization;
using Gateway.Sandbox.Http;

namespace Gateway.Sandbox.Faults;

/// <summary>The faults in force. They strike API operations only, never the sandbox's own administration.</summary>
internal sealed class FaultInjection(TimeProvider clock)
{
    private const string FailingItem = "sandbox.failing-item";

    private readonly Lock _lock = new();
    private readonly Random _random = new(1); // so that a run can be repeated
    private List<Fault> _faults = [];
    private TaskCompletionSource _replaced = NewSignal();

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_lock) return [.. _faults.Select(f => f with { })];
        }
    }

    public void Replace(IEnumerable<Fault> faults)
    {
        TaskCompletionSource replaced;
        lock (_lock) (_faults, replaced, _replaced) = ([.. faults], _replaced, NewSignal());
        replaced.SetResult();
    }

    /// <summary>The batch's item that is to fail, or -1.</summary>
    public static int ItemToFail(HttpContext context, int items) =>
        context.Items.TryGetValue(FailingItem, out var seed) ? (int)seed! % items : -1;

    public async Task InvokeAsync(HttpContext context, string operation, RequestDelegate next)
    {
        if (Strike(operation, out var replaced) is not { } fault)
        {
            await next(context);
            return;
        }

        switch (fault.Kind)
        {
            case FaultKind.Latency:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), clock, context.RequestAborted);
                await next(context);
                break;
            case FaultKind.Status:
                if (fault.RetryAfterSeconds is { } wait) context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
                await new ApiError(fault.Status, "injected", "An injected fault.").WriteAsync(context);
                break;
            case FaultKind.DropBeforeCommit:
                context.Abort();
                break;
            case FaultKind.DropAfterCommit:
                await RunUnseenAsync(context, next);
                context.Abort();
                break;
            case FaultKind.Malformed:
                await RunUnseenAsync(context, next);
                context.Response.ContentLength = null;
                await context.Response.WriteAsync("{\"id\": \"broken");
                break;
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, context.RequestAborted);
                break;
            case FaultKind.Hold:
                await DetachAsync(context);
                await replaced;
                await next(context);
                break;
            default:
                lock (_lock) context.Items[FailingItem] = _random.Next();
                await next(context);
                break;
        }
    }

    private Fault? Strike(string operation, out Task replaced)
    {
        lock (_lock)
        {
            replaced = _replaced.Task;
            foreach (var fault in _faults)
            {
                if (fault.Operation != "*" && fault.Operation != operation) continue;
                if (fault.Hits >= fault.Count || _random.NextDouble() >= fault.Probability) continue;
                fault.Hits++;
                return fault;
            }

            return null;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is done with the request no longer depends on the client.</summary>
    private static async Task DetachAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        (context.Request.Body, context.RequestAborted) = (body, CancellationToken.None);
    }

    private static async Task RunUnseenAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }
    }
}
