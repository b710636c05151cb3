package soap

// The complex types of paForNode.xsd, element by element, in the schema's order.
// One function walks them (sequence.read).
var (
	addressee = sequence{
		one("idPA", text35),
		one("idBrokerPA", text35),
		one("idStation", text35),
	}
	qrCode = sequence{
		one("fiscalCode", bodyCode),
		one("noticeNumber", notice),
	}
	fault = sequence{
		one("faultCode", anyText),
		one("faultString", anyText),
		one("id", anyText),
		opt("description", anyText),
		opt("serial", xsdInt),
		opt("originalFaultCode", anyText),
		opt("originalFaultString", anyText),
		opt("originalDescription", anyText),
	}
	result = sequence{
		one("outcome", outcome),
		opt("fault", fault),
	}
	metadata = sequence{
		upTo(15, "mapEntry", sequence{
			one("key", text140),
			one("value", text140),
		}),
	}
	subject = sequence{
		one("uniqueIdentifier", sequence{
			one("entityUniqueIdentifierType", subjectKind),
			one("entityUniqueIdentifierValue", subjectCode),
		}),
		one("fullName", text70),
		opt("streetName", text70),
		opt("civicNumber", text16),
		opt("postalCode", text16),
		opt("city", text35),
		opt("stateProvinceRegion", text35),
		opt("country", twoCapitals),
		opt("e-mail", email),
	}
	offer = sequence{
		opt("paymentList", sequence{
			one("paymentOptionDescription", sequence{
				one("amount", amountPaid),
				one("options", option),
				opt("dueDate", date),
				opt("detailDescription", text140),
				one("allCCP", boolean),
			}),
		}),
		opt("paymentDescription", text140),
		opt("fiscalCodePA", bodyCode),
		opt("companyName", text140),
		opt("officeName", text140),
	}
	stamp = sequence{
		one("hashDocumento", stampHash),
		one("tipoBollo", stampKind),
		one("provinciaResidenza", twoCapitals),
	}

	iban = one("IBAN", text35)

	transfers          = transferList(iban)
	transfersV2        = transferList(opt("companyName", text140), either(iban, one("richiestaMarcaDaBollo", stamp)))
	receiptTransfersV2 = transferList(opt("companyName", text140), either(iban, one("MBDAttachment", base64Text)))
)

// transferList is one to five transfers. The versions differ only in what says
// where the money goes.
func transferList(destination ...place) sequence {
	return sequence{
		upTo(5, "transfer", join(
			sequence{
				one("idTransfer", transferID),
				one("transferAmount", amountPaid),
				one("fiscalCodePA", bodyCode),
			},
			destination,
			sequence{
				one("remittanceInformation", text140),
				one("transferCategory", text140),
				opt("metadata", metadata),
			},
		)),
	}
}

// The six requests.
var (
	verifyRequest = join(addressee, sequence{
		one("qrCode", qrCode),
	})
	getPaymentRequest = join(addressee, sequence{
		one("qrCode", qrCode),
		opt("amount", anyAmount),
		opt("paymentNote", text210),
		opt("transferType", transferType),
		opt("dueDate", date),
	})
	sendRTRequest = join(addressee, sequence{
		one("receipt", receipt(transfers, nil, nil)),
	})
	sendRTV2Request = join(addressee, sequence{
		one("receipt", receipt(
			receiptTransfersV2,
			sequence{opt("paymentNote", text210)},
			sequence{
				opt("primaryCiIncurredFee", anyAmount),
				opt("idBundle", text70),
				opt("idCiBundle", text70),
			},
		)),
	})
	demandRequest = join(addressee, sequence{
		one("idServizio", text5),
		one("idSoggettoServizio", text5),
		one("datiSpecificiServizioRequest", base64Text),
	})
)

// receipt is a receipt's content; the second version adds places before and
// after the fee.
func receipt(transfers, beforeFee, afterFee sequence) sequence {
	return join(
		sequence{
			one("receiptId", anyText),
			one("noticeNumber", notice),
			one("fiscalCode", bodyCode),
			one("outcome", outcome),
			one("creditorReferenceId", text35),
			one("paymentAmount", anyAmount),
			one("description", text140),
			one("companyName", text140),
			opt("officeName", text140),
			one("debtor", subject),
			one("transferList", transfers),
			one("idPSP", text35),
			opt("pspFiscalCode", text70),
			opt("pspPartitaIVA", text20),
			one("PSPCompanyName", text70),
			one("idChannel", text35),
			one("channelDescription", text35),
			opt("payer", subject),
			opt("paymentMethod", text35),
		},
		beforeFee,
		sequence{opt("fee", anyAmount)},
		afterFee,
		sequence{
			opt("paymentDateTime", dateTime),
			opt("applicationDate", date),
			opt("transferDate", date),
			opt("metadata", metadata),
			opt("standIn", boolean),
		},
	)
}

// The six responses, less those of the receipts, which are a result alone.
var (
	verifyResponse       = join(result, offer)
	getPaymentResponse   = join(result, sequence{opt("data", payment(opt, transfers))})
	getPaymentV2Response = join(result, sequence{opt("data", payment(one, transfersV2))})
	demandResponse       = join(result, sequence{opt("qrCode", qrCode)}, offer)
)

// payment is the data of a payment; company is opt in the first version and one
// in the second.
func payment(company func(string, content) place, transfers sequence) sequence {
	return sequence{
		one("creditorReferenceId", text35),
		one("paymentAmount", amountPaid),
		one("dueDate", date),
		opt("retentionDate", dateTime),
		opt("lastPayment", boolean),
		one("description", text140),
		company("companyName", text140),
		opt("officeName", text140),
		one("debtor", subject),
		one("transferList", transfers),
		opt("metadata", metadata),
	}
}
