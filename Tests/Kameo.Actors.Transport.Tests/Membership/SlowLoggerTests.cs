using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Tests.Nodes;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>A logger that blocks is no reason to lose a lease.</summary>
public sealed class SlowLoggerTests
{
    private const int ViewInstalled = 140;

    [Fact]
    public async Task A_node_serves_while_its_logger_blocks_and_what_was_logged_is_there_afterwards()
    {
        using var log = new BlockingLog();
        TransportOptions options = SmallCluster.Options(options => options.LoggerFactory = log);
        await using (TransportNode node = await TransportNode.StartAsync(options).WaitAsync(TwoNodes.Deadline))
        {
            await Eventually.TrueAsync(() => log.IsBlocked, "a logger that blocks");
            await Eventually.TrueAsync(() => node.Membership!.IsServing, "a lease");
            log.Release();
        }

        Assert.Contains(152, log.Entries);
    }

    [Fact]
    public async Task Beyond_the_bound_entries_are_dropped_and_counted()
    {
        using var log = new BlockingLog();
        var posted = new PostedLogger(log.CreateLogger("here"));
        posted.Log(LogLevel.Information, new EventId(ViewInstalled), "the first", null, static (text, _) => text);
        await Eventually.TrueAsync(() => log.IsBlocked, "a logger that blocks");
        for (int entry = 0; entry < PostedLogger.WaitingMax + 10; entry++)
        {
            posted.Log(LogLevel.Information, new EventId(1), "another", null, static (text, _) => text);
        }

        log.Release();
        await Eventually.TrueAsync(() => log.Entries.Contains(153), "the number of those dropped");
        await posted.FlushAsync().WaitAsync(TwoNodes.Deadline);
        Assert.Equal(PostedLogger.WaitingMax + 1, log.Entries.Count);
    }

    private sealed class BlockingLog : ILoggerFactory, ILogger
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly List<int> _entries = [];
        private volatile bool _isBlocked;

        public bool IsBlocked => _isBlocked;

        public IReadOnlyList<int> Entries
        {
            get
            {
                lock (_entries)
                {
                    return [.. _entries];
                }
            }
        }

        public void Release() => _released.Set();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == ViewInstalled)
            {
                _isBlocked = true;
                _released.Wait(TwoNodes.Deadline);
            }

            lock (_entries)
            {
                _entries.Add(eventId.Id);
            }
        }

        public void Dispose() => _released.Set();
    }
}
