namespace Kameo.Actors.Transport.MessagePack;

/// <summary>Values that an encoded message has taken from their owner, while it is not known whether that message is sent.</summary>
internal interface ITakenValues
{
    /// <summary>It is known now.</summary>
    /// <param name="isGivenBack">The message is not sent, and its owner makes another one of the same values; else they are gone.</param>
    void EndTake(bool isGivenBack);
}
