using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>One way to get a message across, as two programs: a server that is asked for its usage, and a client that is told what to do (see <see cref="Pair"/>).</summary>
internal interface IStack
{
    /// <summary>Its name in commands and JSON.</summary>
    string Name { get; }

    /// <summary>Whether its processes have a managed heap.</summary>
    bool IsManaged { get; }

    /// <summary>Makes ready what it needs. Returns null, or why it cannot run on this machine.</summary>
    string? Prepare();

    /// <summary>How its server is started.</summary>
    ProcessStartInfo Server(TransportLoop loop);

    /// <summary>How its client is started, for a server on this port of 127.0.0.1.</summary>
    ProcessStartInfo Client(int port, TransportLoop loop);
}

/// <summary>A stack in C#: both of its processes are this program, started with a hidden command.</summary>
internal abstract class ManagedStack(string name) : IStack
{
    public string Name => name;

    public bool IsManaged => true;

    public string? Prepare() => null;

    public ProcessStartInfo Server(TransportLoop loop) => ThisProgram("serve", Name, "--loop", loop.ToString());

    public ProcessStartInfo Client(int port, TransportLoop loop) =>
        ThisProgram("call", Name, port.ToString(CultureInfo.InvariantCulture), "--loop", loop.ToString());

    /// <summary>In the server's process: listens on 127.0.0.1, on a port that the system picks.</summary>
    public abstract Task<IServerPart> ListenAsync(TransportLoop loop);

    /// <summary>In the client's process: connects; every round but those of handshakes uses this one connection.</summary>
    public abstract Task<IClientPart> ConnectAsync(int port, TransportLoop loop);

    /// <summary>How this program is started with other arguments.</summary>
    public static ProcessStartInfo ThisProgram(params ReadOnlySpan<string> arguments)
    {
        string host = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(host);
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ManagedStack).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}

/// <summary>The listening part of a stack in C#.</summary>
internal interface IServerPart : IAsyncDisposable
{
    int Port { get; }

    /// <summary>One-way messages that have arrived.</summary>
    long Received { get; }
}

/// <summary>The connected part of a stack in C#. Rounds come one after the other.</summary>
internal interface IClientPart : IAsyncDisposable
{
    /// <summary>Does the work until its duration is over and everything is answered.</summary>
    /// <returns>How many messages counted.</returns>
    Task<long> RunAsync(Work work, Latencies latencies);
}
