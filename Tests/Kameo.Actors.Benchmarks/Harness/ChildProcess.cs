using System.Diagnostics;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>A process that answers lines, and ends with its standard input. One caller at a time.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_exitMax = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _name;

    private ChildProcess(Process process, string name)
    {
        _process = process;
        _name = name;
    }

    /// <summary>Starts it. What it writes to its error stream goes to this program's.</summary>
    public static ChildProcess Start(ProcessStartInfo start, string name)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start."), name);
    }

    /// <summary>Its memory, as the system counts.</summary>
    public long WorkingSetBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    public async Task<string> AskAsync(string line, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
            await _process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException exception)
        {
            throw new EndOfStreamException($"{_name} has ended.", exception);
        }

        return await ReadLineAsync(timeout, cancellation);
    }

    /// <summary>Waits for a line.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    /// <exception cref="EndOfStreamException">The process has ended.</exception>
    public async Task<string> ReadLineAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(timeout, cancellation)
                ?? throw new EndOfStreamException($"{_name} ended without an answer.");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} did not answer within {timeout.TotalSeconds:0} s.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(s_exitMax);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            _process.Kill(); // This one process, which does not end by itself.
        }

        _process.Dispose();
    }
}
