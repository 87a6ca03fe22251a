using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Kameo.Actors.Tests.Life;

/// <summary>What actors of a test did, in order, by the actor's key: tests wait for an entry instead of for a time.</summary>
internal sealed class Journal
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, Journal> s_journals = new();

    private readonly Channel<string> _entries = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    public static Journal Of(string key) => s_journals.GetOrAdd(key, static _ => new Journal());

    /// <summary>A key that no other test uses.</summary>
    public static string NewKey() => Guid.NewGuid().ToString();

    public void Write(string entry) => _entries.Writer.TryWrite(entry);

    /// <summary>The next entry.</summary>
    public async Task<string> NextAsync()
    {
        using var timeout = new CancellationTokenSource(s_deadline);
        return await _entries.Reader.ReadAsync(timeout.Token);
    }

    /// <summary>The entries that are there now.</summary>
    public IReadOnlyList<string> Rest()
    {
        var rest = new List<string>();
        while (_entries.Reader.TryRead(out string? entry))
        {
            rest.Add(entry);
        }

        return rest;
    }

    /// <summary>Opened by a test, waited for by an actor.</summary>
    public TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
