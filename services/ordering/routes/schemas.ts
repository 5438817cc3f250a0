import Type, { type Static } from 'typebox'
import { Money, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import { STATUSES, type Status } from '../domain/order.ts'

const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()])

export const StatusSchema = Type.Unsafe<Status>({
  type: 'string',
  enum: STATUSES,
  description: 'Where an order stands',
})

export const OrderParams = Type.Object({ orderId: Uuid })

export const SummarySchema = Type.Object({
  orderId: Uuid,
  status: StatusSchema,
  version: Type.Integer({ description: 'Grows by one with each step of the order; also its ETag' }),
  customerId: Type.String(),
  placedAt: Timestamp,
  total: Money,
  itemCount: Type.Integer({ description: 'Number of lines' }),
  unitCount: Type.Integer({ description: 'Units of all lines' }),
})

const ItemSchema = Type.Object({
  lineNo: Type.Integer(),
  productId: Uuid,
  sku: Type.String(),
  name: Type.String(),
  brand: Type.String(),
  category: Type.String(),
  unitPrice: Money,
  quantity: Type.Integer(),
  lineTotal: Money,
})

const TimelineSchema = Type.Object(
  {
    version: Type.Integer(),
    status: StatusSchema,
    at: Timestamp,
    reason: Type.Optional(Type.String({ description: 'Why it was cancelled' })),
    actorRole: Type.Optional(
      Type.String({ description: 'Role of who cancelled: customer, support, admin, or system' }),
    ),
    detail: Type.Optional(Type.String()),
    paymentId: Type.Optional(Uuid),
    carrier: Type.Optional(Type.String()),
    trackingNumber: Type.Optional(Type.String()),
  },
  { description: 'One status the order reached' },
)

const AddressSchema = Type.Object(
  {
    street: Type.String(),
    city: Type.String(),
    state: nullable(Type.String()),
    country: Type.String(),
    zipCode: Type.String(),
  },
  { description: 'Only for the customer, and for warehouse staff who send the parcel' },
)

export const OrderSchema = Type.Object({
  ...SummarySchema.properties,
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  channel: Type.String(),
  country: Type.String(),
  graceEndsAt: Type.String({ format: 'date-time', description: 'Until then nothing is reserved or charged' }),
  items: Type.Array(ItemSchema),
  timeline: Type.Array(TimelineSchema),
  address: Type.Optional(AddressSchema),
})

export type Summary = Static<typeof SummarySchema>
export type OrderView = Static<typeof OrderSchema>
