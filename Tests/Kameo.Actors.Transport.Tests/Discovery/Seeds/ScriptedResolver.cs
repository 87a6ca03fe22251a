using System.Net;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>Answers as the test says, until it says otherwise.</summary>
internal sealed class ScriptedResolver(params string[] addresses) : IDnsResolver
{
    private volatile Func<IReadOnlyList<IPAddress>> _answer = AnswerOf(addresses);
    private int _askCount;

    /// <summary>How often it was asked.</summary>
    public int AskCount => Volatile.Read(ref _askCount);

    public void Answer(params string[] addresses) => _answer = AnswerOf(addresses);

    public void Fail(string message) => _answer = () => throw new IOException(message);

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        Assert.Equal("nodes.test", host);
        Func<IReadOnlyList<IPAddress>> answer = _answer;
        Interlocked.Increment(ref _askCount);
        return Task.FromResult(answer());
    }

    private static Func<IReadOnlyList<IPAddress>> AnswerOf(string[] addresses)
    {
        IPAddress[] answer = [.. addresses.Select(IPAddress.Parse)];
        return () => answer;
    }
}
