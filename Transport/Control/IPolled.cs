using System.Net.Sockets;

namespace Kameo.Actors.Transport.Control;

/// <summary>What is read and written by a <see cref="ControlLoop"/>; all of it on the loop's thread.</summary>
internal interface IPolled
{
    /// <summary>The socket; the same for as long as it is polled.</summary>
    Socket Socket { get; }

    /// <summary>Whether readability is of interest.</summary>
    bool WantsRead { get; }

    /// <summary>Whether writability is of interest.</summary>
    bool WantsWrite { get; }

    /// <summary>When <see cref="OnDeadline"/> is to be called; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    TimeSpan Deadline { get; }

    /// <summary>It can be read, or it failed.</summary>
    void OnReadable();

    /// <summary>It can be written, or it failed.</summary>
    void OnWritable();

    /// <summary>Its deadline has come.</summary>
    void OnDeadline();
}
