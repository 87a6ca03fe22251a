namespace Kameo.Actors.Transport.Pools;

/// <summary>What is pooled and has a kilobyte or more: an <see cref="ExchangePool{T}"/> keeps fewer of them.</summary>
internal interface ILargeItem;
