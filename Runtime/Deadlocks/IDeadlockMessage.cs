using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Deadlocks;

/// <summary>What nodes say to each other about turns that wait.</summary>
internal interface IDeadlockMessage
{
    /// <summary>Writes it.</summary>
    void Encode(ref MessagePackWriter writer);
}
