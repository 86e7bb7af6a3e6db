using Microsoft.Extensions.Logging;

namespace Gateway.Simulation;

/// <summary>Keeps exceptions that the gateway's code logged and lived through: in a simulation each is a mistake of ours.</summary>
internal sealed class Accidents : ILoggerFactory
{
    public List<Exception> Seen { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Collector(this);

    public ILogger<T> CreateLogger<T>() => new Logger<T>(this);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Collector(Accidents accidents) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null and not TimeoutException) accidents.Seen.Add(exception);
        }
    }
}
