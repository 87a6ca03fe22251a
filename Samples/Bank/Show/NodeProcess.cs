using System.Diagnostics;
using System.Runtime.InteropServices;
using Samples.Bank.Nodes;

namespace Samples.Bank.Show;

/// <summary>A node's process, as the one that started it knows it.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly List<string> _errors = [];
    private readonly TaskCompletionSource<NodeLine> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeLine? _line;
    private volatile bool _hasEnded;

    private NodeProcess(string name, Process process, bool isVerbose)
    {
        (Name, _process) = (name, process);
        process.OutputDataReceived += (_, received) => Take(received.Data);
        process.ErrorDataReceived += (_, received) =>
        {
            if (received.Data is { } text)
            {
                lock (_errors)
                {
                    _errors.Add(text);
                }

                if (isVerbose)
                {
                    Console.Error.WriteLine($"{name} {text}");
                }
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its name: a letter.</summary>
    public string Name { get; }

    /// <summary>What it said last; null before the first.</summary>
    public NodeLine? Line => _line;

    /// <summary>Whether it was killed.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Whether its process has ended.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Starts this program once more, as a node, and waits until it listens.</summary>
    /// <exception cref="InvalidOperationException">It did not start; the message says what it wrote.</exception>
    public static async Task<NodeProcess> StartAsync(string name, string ledger, string secret, IEnumerable<string> seeds, bool isVerbose, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(DotnetHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(NodeProcess).Assembly.Location, "node", "--name", name, "--ledger", ledger },
        };
        foreach (string seed in seeds)
        {
            start.ArgumentList.Add("--seed");
            start.ArgumentList.Add(seed);
        }

        if (isVerbose)
        {
            start.ArgumentList.Add("--verbose");
        }

        var node = new NodeProcess(name, Process.Start(start)!, isVerbose);
        try
        {
            await node._process.StandardInput.WriteLineAsync(secret.AsMemory(), cancellation);
            await node._process.StandardInput.FlushAsync(cancellation);
            await node._ready.Task.WaitAsync(cancellation);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it at once, without a word to anybody.</summary>
    public void Kill()
    {
        IsKilled = true;
        _process.Kill();
    }

    /// <summary>Lets it leave in good order; kills it if that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        using var timeout = new CancellationTokenSource(s_stopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Take(string? text)
    {
        if (text is null)
        {
            _hasEnded = true;
            string errors;
            lock (_errors)
            {
                errors = string.Join(' ', _errors);
            }

            _ready.TrySetException(new InvalidOperationException($"Node {Name} did not start: {errors}"));
        }
        else if (NodeLine.TryParse(text) is { } line)
        {
            _line = line;
            _ready.TrySetResult(line);
        }
    }

    /// <summary>The <c>dotnet</c> that runs this program, which need not be the first on the path.</summary>
    private static string DotnetHost()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string here = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(here) ? here : name;
    }
}
